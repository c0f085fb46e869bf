/** Planning for servers: ask for a plan, look at it, change how it is done, apply it. */

import * as React from 'react';

import { Problem } from '../api/problem';
import type { IJob, IReceipt } from '../api/types';
import type { IHost } from '../panel/host';
import { ServersClient } from './client';
import type { IQuestion, IServerPlan } from './types';

export interface IPlanned {
  question: IQuestion;
  plan: IServerPlan;
  /** Stays while only the how changes, so that the dialog and the focus in it stay too. */
  session: number;
}

/** How it is done, or what of that is different now. */
export type IHow = Pick<IQuestion, 'pace' | 'courtesy'>;

export interface IPlanning {
  /** The plan that is being looked at. */
  planned: IPlanned | null;
  /** A plan is being made. */
  isAsking: boolean;
  /** Why there is none, and what it was to do. */
  problem: Problem | null;
  doing: string;
  /** Make a plan; one that is still being made is forgotten. */
  start(question: IQuestion, doing: string): void;
  /** Plan the same again, perhaps at another pace or with another warning. */
  again(how?: IHow): void;
  apply(): Promise<{ job: IJob }>;
  stop(receipt?: IReceipt): void;
}

export function usePlanning(host: IHost): IPlanning {
  const { api, traits } = host;
  const client = React.useMemo(() => new ServersClient(api), [api]);
  const [planned, setPlanned] = React.useState<IPlanned | null>(null);
  const [problem, setProblem] = React.useState<Problem | null>(null);
  const [doing, setDoing] = React.useState('');
  const [isAsking, setAsking] = React.useState(false);
  const asked = React.useRef<AbortController | null>(null);
  const sessions = React.useRef(0);
  const wanted = React.useRef<IHow>({});
  React.useEffect(() => () => asked.current?.abort(), []);
  const ask = (question: IQuestion, session: number): void => {
    asked.current?.abort();
    const stop = new AbortController();
    asked.current = stop;
    setProblem(null);
    setAsking(true);
    client
      .plan(question, stop.signal)
      .then(
        plan => {
          if (!stop.signal.aborted) {
            traits.set('plan_id', plan.id);
            setPlanned({ question, plan, session });
          }
        },
        reason => !stop.signal.aborted && setProblem(Problem.from(reason))
      )
      .finally(() => !stop.signal.aborted && setAsking(false));
  };
  return {
    planned,
    isAsking,
    problem,
    doing,
    start: (question, what) => {
      setPlanned(null);
      setDoing(what);
      wanted.current = {};
      ask(question, ++sessions.current);
    },
    again: how => {
      if (planned) {
        const { question, session } = planned;
        // two fields may change before the plan for the first of them is there
        wanted.current = { ...wanted.current, ...how };
        // After a refusal the dialog begins anew; another pace is a word in the same talk.
        ask({ ...question, ...wanted.current }, how ? session : ++sessions.current);
      }
    },
    apply: async () => {
      if (!planned) {
        throw new Problem({
          status: 0,
          title: 'There is no plan',
          detail: '',
          hint: 'Plan again.'
        });
      }
      const job = await client.apply(planned.plan, planned.question);
      traits.set('job_id', job.id);
      return { job };
    },
    stop: receipt => {
      asked.current?.abort();
      if (receipt) {
        traits.set('receipt', { ...receipt });
      }
      setAsking(false);
      setPlanned(null);
      setProblem(null);
    }
  };
}
