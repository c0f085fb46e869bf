/** Planning for servers: ask for a plan, look at it, apply it. */

import * as React from 'react';

import { Problem } from '../api/problem';
import type { IJob, IServerRef, ServerAction } from '../api/types';
import type { IHost } from '../panel/host';
import { type IServersPlan, labelOf, planServers } from './model';

export interface IPlanning {
  /** The plan that is being looked at. */
  plan: IServersPlan | null;
  /** Why there is none, and what it was to do. */
  problem: Problem | null;
  doing: string;
  start(action: ServerAction, servers: IServerRef[]): void;
  /** Plan the same again. */
  again(): void;
  apply(): Promise<{ job: IJob }>;
  stop(): void;
}

export function usePlanning(host: IHost): IPlanning {
  const [plan, setPlan] = React.useState<IServersPlan | null>(null);
  const [problem, setProblem] = React.useState<Problem | null>(null);
  const [doing, setDoing] = React.useState('');
  const start: IPlanning['start'] = (action, servers) => {
    setProblem(null);
    setDoing(labelOf(action, servers));
    planServers(host.api, action, servers).then(
      made => {
        host.traits.set('plan_id', made.plan.id);
        setPlan(made);
      },
      reason => setProblem(Problem.from(reason))
    );
  };
  return {
    plan,
    problem,
    doing,
    start,
    stop: () => {
      setPlan(null);
      setProblem(null);
    },
    again: () => {
      if (plan) {
        setPlan(null);
        start(plan.action, plan.servers);
      }
    },
    apply: async () => {
      if (!plan) {
        throw new Problem({
          status: 0,
          title: 'There is no plan',
          detail: '',
          hint: 'Plan again.'
        });
      }
      const job = await host.api.applyServers(plan.plan.id, plan.action, plan.servers);
      host.traits.set('job_id', job.id);
      return { job };
    }
  };
}
