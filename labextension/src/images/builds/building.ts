/** A build: asked what it would be, looked at, begun or left. */

import * as React from 'react';

import type { IJob } from '../../api/types';
import type { IHost } from '../../panel/host';
import { type IAsking, noPlan, usePlan } from '../../panel/use-plan';
import { BuildsClient, type IBuildPlan } from './client';

export interface IBuilding extends IAsking {
  plan: IBuildPlan | null;
  /** Ask what would be built now. */
  start(): void;
  /** Begin it; rejects with a `Problem`. */
  apply(reason: string): Promise<IJob>;
  close(): void;
}

export const DOING = 'Planning a build';

export function useBuilding(host: IHost): IBuilding {
  const { api, traits } = host;
  const client = React.useMemo(() => new BuildsClient(api), [api]);
  const { planned, isAsking, problem, doing, ask, close } = usePlan<{ plan: IBuildPlan }>(host);
  const plan = planned?.plan ?? null;
  return {
    plan,
    isAsking,
    problem,
    doing,
    start: () => ask(async signal => ({ plan: await client.plan(signal) }), DOING),
    apply: async reason => {
      if (!plan) {
        throw noPlan();
      }
      const job = await client.start(plan.revision, reason);
      traits.set('job_id', job.id);
      return job;
    },
    close: () => close()
  };
}
