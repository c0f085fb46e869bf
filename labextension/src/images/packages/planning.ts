/** A change of the lists: asked for, looked at, saved or left. */

import * as React from 'react';

import { Problem } from '../../api/problem';
import type { IHost } from '../../panel/host';
import { type IPackageChange, type IPackagePlan, PackagesClient } from './client';

export interface IPlanning {
  plan: IPackagePlan | null;
  isAsking: boolean;
  problem: Problem | null;
  /** What is asked for, in words. */
  doing: string;
  start(changes: readonly IPackageChange[], doing: string): void;
  again(): void;
  close(): void;
}

export function usePlanning(host: IHost): IPlanning {
  const { api, traits } = host;
  const client = React.useMemo(() => new PackagesClient(api), [api]);
  const [plan, setPlan] = React.useState<IPackagePlan | null>(null);
  const [problem, setProblem] = React.useState<Problem | null>(null);
  const [asked, setAsked] = React.useState<{ changes: readonly IPackageChange[]; doing: string }>({
    changes: [],
    doing: ''
  });
  const [isAsking, setAsking] = React.useState(false);
  const stop = React.useRef<AbortController | null>(null);
  React.useEffect(() => () => stop.current?.abort(), []);
  const start: IPlanning['start'] = (changes, doing) => {
    stop.current?.abort();
    const mine = new AbortController();
    stop.current = mine;
    setAsked({ changes, doing });
    setProblem(null);
    setAsking(true);
    client
      .plan(changes, mine.signal)
      .then(
        made => {
          if (!mine.signal.aborted) {
            traits.set('plan_id', made.id);
            setPlan(made);
          }
        },
        reason => !mine.signal.aborted && setProblem(Problem.from(reason))
      )
      .finally(() => !mine.signal.aborted && setAsking(false));
  };
  return {
    plan,
    isAsking,
    problem,
    doing: asked.doing,
    start,
    again: () => start(asked.changes, asked.doing),
    close: () => {
      stop.current?.abort();
      setAsking(false);
      setPlan(null);
      setProblem(null);
    }
  };
}
