/** Moving the tag: ask for a plan, look at it, do it or leave it. */

import * as React from 'react';

import { Problem } from '../api/problem';
import type { IReceipt } from '../api/types';
import type { IHost } from '../panel/host';
import { ImagesClient } from './client';
import type { IImagePlan } from './types';

export interface IMoving {
  /** The plan that is being looked at. */
  plan: IImagePlan | null;
  /** A plan is being made. */
  isAsking: boolean;
  /** Why there is none, and what it was to do. */
  problem: Problem | null;
  doing: string;
  /** Ask what would happen if the tag named this image; one that is still asked is forgotten. */
  start(target: string, doing: string): void;
  /** Plan the same again. */
  again(): void;
  /** Do it; rejects with a `Problem`. */
  apply(reason: string, forceReason: string): Promise<{ receipt: IReceipt }>;
  close(receipt?: IReceipt): void;
}

export function useMoving(host: IHost): IMoving {
  const { api, traits } = host;
  const client = React.useMemo(() => new ImagesClient(api), [api]);
  const [plan, setPlan] = React.useState<IImagePlan | null>(null);
  const [problem, setProblem] = React.useState<Problem | null>(null);
  const [doing, setDoing] = React.useState('');
  const [isAsking, setAsking] = React.useState(false);
  const asked = React.useRef<AbortController | null>(null);
  React.useEffect(() => () => asked.current?.abort(), []);
  const start: IMoving['start'] = (target, what) => {
    asked.current?.abort();
    const stop = new AbortController();
    asked.current = stop;
    setProblem(null);
    setDoing(what);
    setAsking(true);
    client
      .plan(target, stop.signal)
      .then(
        made => {
          if (!stop.signal.aborted) {
            traits.set('plan_id', made.id);
            setPlan(made);
          }
        },
        reason => !stop.signal.aborted && setProblem(Problem.from(reason))
      )
      .finally(() => !stop.signal.aborted && setAsking(false));
  };
  return {
    plan,
    isAsking,
    problem,
    doing,
    start,
    again: () => plan && start(plan.to_digest, doing),
    apply: async (reason, forceReason) => {
      if (!plan) {
        throw new Problem({
          status: 0,
          title: 'There is no plan',
          detail: '',
          hint: 'Plan again.'
        });
      }
      const { receipt } = isRollBack(plan)
        ? await client.rollBack(plan, reason)
        : await client.promote(plan, reason, forceReason);
      return { receipt };
    },
    close: receipt => {
      asked.current?.abort();
      if (receipt) {
        traits.set('receipt', { ...receipt });
      }
      setAsking(false);
      setPlan(null);
      setProblem(null);
    }
  };
}

/** Return whether students had this image before. */
export function isRollBack({ action }: IImagePlan): boolean {
  return action === 'roll-back';
}
