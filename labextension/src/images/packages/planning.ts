/** A change of the lists: asked for, looked at, saved or left. */

import * as React from 'react';

import type { IHost } from '../../panel/host';
import { type IAsking, usePlan } from '../../panel/use-plan';
import { type IPackageChange, type IPackagePlan, PackagesClient } from './client';

export interface IPlanning extends IAsking {
  plan: IPackagePlan | null;
  start(changes: readonly IPackageChange[], doing: string): void;
  again(): void;
  close(): void;
}

export function usePlanning(host: IHost): IPlanning {
  const { api } = host;
  const client = React.useMemo(() => new PackagesClient(api), [api]);
  const { planned, isAsking, problem, doing, ask, close } = usePlan<{ plan: IPackagePlan }>(host);
  const [asked, setAsked] = React.useState<readonly IPackageChange[]>([]);
  const start: IPlanning['start'] = (changes, what) => {
    setAsked(changes);
    ask(async signal => ({ plan: await client.plan(changes, signal) }), what);
  };
  return {
    plan: planned?.plan ?? null,
    isAsking,
    problem,
    doing,
    start,
    again: () => start(asked, doing),
    close: () => close()
  };
}
