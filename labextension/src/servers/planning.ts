/** Planning for servers: ask for a plan, look at it, change how it is done, apply it. */

import * as React from 'react';

import type { IJob, IReceipt } from '../api/types';
import type { IHost } from '../panel/host';
import { type IAsking, noPlan, usePlan } from '../panel/use-plan';
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

export interface IPlanning extends IAsking {
  /** The plan that is being looked at. */
  planned: IPlanned | null;
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
  const { planned, isAsking, problem, doing, ask, close } = usePlan<IPlanned>(host);
  const sessions = React.useRef(0);
  const wanted = React.useRef<IHow>({});
  const askFor = (question: IQuestion, session: number, what: string): void =>
    ask(async signal => ({ question, plan: await client.plan(question, signal), session }), what);
  return {
    planned,
    isAsking,
    problem,
    doing,
    start: (question, what) => {
      close();
      wanted.current = {};
      askFor(question, ++sessions.current, what);
    },
    again: how => {
      if (planned) {
        const { question, session } = planned;
        // two fields may change before the plan for the first of them is there
        wanted.current = { ...wanted.current, ...how };
        // After a refusal the dialog begins anew; another pace is a word in the same talk.
        askFor({ ...question, ...wanted.current }, how ? session : ++sessions.current, doing);
      }
    },
    apply: async () => {
      if (!planned) {
        throw noPlan();
      }
      const job = await client.apply(planned.plan, planned.question);
      traits.set('job_id', job.id);
      return { job };
    },
    stop: close
  };
}
