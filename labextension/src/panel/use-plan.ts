/** A plan that is asked for, looked at, and applied or left; what is asked is the area's own. */

import * as React from 'react';

import { Problem } from '../api/problem';
import type { IReceipt } from '../api/types';
import type { IHost } from './host';

export interface IAsking {
  /** A plan is being made. */
  isAsking: boolean;
  /** Why there is none, and what it was to do. */
  problem: Problem | null;
  doing: string;
}

/** `T` is a plan, with what it was asked for. */
export interface IAskedPlan<T> extends IAsking {
  /** The plan that is being looked at. */
  planned: T | null;
  /** Make a plan; one that is still being made is forgotten. */
  ask(make: (signal: AbortSignal) => Promise<T>, doing: string): void;
  /** Leave the plan, also one that is still being made; a receipt stays in the traits. */
  close(receipt?: IReceipt): void;
}

export function usePlan<T extends { plan: { id: string } }>({
  traits
}: Pick<IHost, 'traits'>): IAskedPlan<T> {
  const [planned, setPlanned] = React.useState<T | null>(null);
  const [problem, setProblem] = React.useState<Problem | null>(null);
  const [doing, setDoing] = React.useState('');
  const [isAsking, setAsking] = React.useState(false);
  const asked = React.useRef<AbortController | null>(null);
  React.useEffect(() => () => asked.current?.abort(), []);
  const ask: IAskedPlan<T>['ask'] = (make, what) => {
    asked.current?.abort();
    const stop = new AbortController();
    asked.current = stop;
    setProblem(null);
    setDoing(what);
    setAsking(true);
    make(stop.signal)
      .then(
        made => {
          if (!stop.signal.aborted) {
            traits.set('plan_id', made.plan.id);
            setPlanned(made);
          }
        },
        reason => !stop.signal.aborted && setProblem(Problem.from(reason))
      )
      .finally(() => !stop.signal.aborted && setAsking(false));
  };
  const close: IAskedPlan<T>['close'] = receipt => {
    asked.current?.abort();
    if (receipt) {
      traits.set('receipt', { ...receipt });
    }
    setAsking(false);
    setPlanned(null);
    setProblem(null);
  };
  return { planned, isAsking, problem, doing, ask, close };
}

/** Return what is said when something is to be applied that was never planned. */
export function noPlan(): Problem {
  return new Problem({
    status: 0,
    title: 'There is no plan',
    detail: '',
    hint: 'Plan again.'
  });
}
