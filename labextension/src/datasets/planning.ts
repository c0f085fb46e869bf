/** Planning a change of datasets: ask for a plan, look at it, apply it. */

import * as React from 'react';

import type { IJob, IPlan, IReceipt } from '../api/types';
import type { IHost } from '../panel/host';
import { type IAsking, noPlan, usePlan } from '../panel/use-plan';
import { DatasetsClient } from './client';
import type { IChange } from './types';

interface IPlanned {
  change: IChange;
  plan: IPlan;
  /** Called once when it was started. */
  onStarted?(): void;
}

export interface IPlanning extends IAsking {
  /** The plan that is being looked at. */
  planned: IPlanned | null;
  /** Make a plan; one that is still being made is forgotten. */
  start(change: IChange, onStarted?: () => void): void;
  /** Plan the same again. */
  again(): void;
  apply(): Promise<{ job: IJob }>;
  close(outcome?: { receipt?: IReceipt }): void;
}

/** Return what the button says: "Publish catalogue", "Restore v2 of catalogue". */
export function labelOf(change: IChange): string {
  const { name } = change;
  if (change.action === 'publish') {
    return `Publish ${name}`;
  }
  if (change.action === 'restore') {
    return `Restore ${change.version} of ${name}`;
  }
  return change.version ? `Delete ${change.version} of ${name}` : `Delete ${name}`;
}

export function usePlanning(host: IHost): IPlanning {
  const { api, traits } = host;
  const client = React.useMemo(() => new DatasetsClient(api), [api]);
  const { planned, isAsking, problem, doing, ask, close } = usePlan<IPlanned>(host);
  const start: IPlanning['start'] = (change, onStarted) =>
    ask(
      async signal => ({ change, plan: await client.plan(change, signal), onStarted }),
      labelOf(change)
    );
  return {
    planned,
    isAsking,
    problem,
    doing,
    start,
    again: () => planned && start(planned.change, planned.onStarted),
    apply: async () => {
      if (!planned) {
        throw noPlan();
      }
      const job = await client.apply(planned.plan.id, planned.change);
      traits.set('job_id', job.id);
      planned.onStarted?.();
      return { job };
    },
    close: outcome => close(outcome?.receipt)
  };
}
