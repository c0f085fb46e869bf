/** An earlier revision to be brought back: asked what would change, looked at, done or left. */

import * as React from 'react';

import type { IReceipt } from '../../api/types';
import type { IHost } from '../../panel/host';
import { type IAsking, noPlan, usePlan } from '../../panel/use-plan';
import { type IPackagePlan, type IRevision, PackagesClient } from './client';

interface IPlanned {
  plan: IPackagePlan;
  revision: IRevision;
}

export interface IRestoring extends IAsking {
  planned: IPlanned | null;
  start(revision: IRevision): void;
  apply(reason: string): Promise<{ receipt: IReceipt }>;
  close(receipt?: IReceipt): void;
}

export function useRestoring(host: IHost): IRestoring {
  const { api } = host;
  const client = React.useMemo(() => new PackagesClient(api), [api]);
  const { planned, isAsking, problem, doing, ask, close } = usePlan<IPlanned>(host);
  return {
    planned,
    isAsking,
    problem,
    doing,
    start: revision =>
      ask(async signal => {
        const { texts } = await client.getRevision(revision.number);
        return { revision, plan: await client.planTexts(texts, signal) };
      }, `Bringing back r${revision.number}`),
    apply: reason => {
      if (!planned) {
        throw noPlan();
      }
      const { revision, plan } = planned;
      return client.restore(revision.number, plan.base_revision, reason);
    },
    close
  };
}
