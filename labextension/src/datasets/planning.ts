/** Planning a change of datasets: ask for a plan, look at it, apply it. */

import * as React from 'react';

import { Problem } from '../api/problem';
import type { IJob, IPlan, IReceipt } from '../api/types';
import type { IHost } from '../panel/host';
import { type IAsking, noPlan } from '../panel/use-plan';
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
  const [planned, setPlanned] = React.useState<IPlanned | null>(null);
  const [problem, setProblem] = React.useState<Problem | null>(null);
  const [doing, setDoing] = React.useState('');
  const [isAsking, setAsking] = React.useState(false);
  const start: IPlanning['start'] = (change, onStarted) => {
    setProblem(null);
    setDoing(labelOf(change));
    setAsking(true);
    new DatasetsClient(api)
      .plan(change)
      .then(
        plan => {
          traits.set('plan_id', plan.id);
          setPlanned({ change, plan, onStarted });
        },
        reason => setProblem(Problem.from(reason))
      )
      .finally(() => setAsking(false));
  };
  return {
    planned,
    isAsking,
    problem,
    doing,
    start,
    again: () => {
      if (planned) {
        setPlanned(null);
        start(planned.change, planned.onStarted);
      }
    },
    apply: async () => {
      if (!planned) {
        throw noPlan();
      }
      const job = await new DatasetsClient(api).apply(planned.plan.id, planned.change);
      traits.set('job_id', job.id);
      planned.onStarted?.();
      return { job };
    },
    close: outcome => {
      if (outcome?.receipt) {
        traits.set('receipt', { ...outcome.receipt });
      }
      setPlanned(null);
      setProblem(null);
    }
  };
}
