/** "Restart these 5": the servers' plan, made from the table of starts. */

import * as React from 'react';

import { Problem } from '../../api/problem';
import type { IPlan, IServerRef } from '../../api/types';
import type { IAction } from '../../panel/actions';
import type { IHost } from '../../panel/host';
import { formatCount } from '../../ui/time';

export interface IRestart {
  plan: IPlan | null;
  label: string;
  problem: Problem | null;
  /** The action that plans a restart of these servers, named by their keys. */
  actionFor(keys: readonly string[]): IAction;
  apply(): ReturnType<IHost['api']['applyServers']>;
  again(): void;
  close(): void;
}

/** Return the server that a key names: `jane`, or `jane/canary`. */
export function refOf(key: string): IServerRef {
  const [user, server_name = ''] = key.split('/');
  return { user, server_name };
}

/** Return "Restart jane" or "Restart these 5". */
export function spellRestart(keys: readonly string[]): string {
  if (keys.length === 0) {
    return 'Restart the selected';
  }
  return keys.length === 1 ? `Restart ${keys[0]}` : `Restart these ${formatCount(keys.length)}`;
}

export function useRestart(host: IHost): IRestart {
  const [keys, setKeys] = React.useState<readonly string[]>([]);
  const [plan, setPlan] = React.useState<IPlan | null>(null);
  const [problem, setProblem] = React.useState<Problem | null>(null);
  const mayRestart = host.me.areas.includes('servers');
  const start = (chosen: readonly string[]): void => {
    setKeys(chosen);
    setPlan(null);
    setProblem(null);
    host.api.planServers('restart', chosen.map(refOf)).then(
      made => {
        host.traits.set('plan_id', made.id);
        setPlan(made);
      },
      reason => setProblem(Problem.from(reason))
    );
  };
  return {
    plan,
    problem,
    label: spellRestart(keys),
    actionFor: chosen => ({
      id: 'starts-restart',
      label: spellRestart(chosen),
      isEnabled: mayRestart && chosen.length > 0,
      reason: !mayRestart
        ? 'You lack the area servers: ask an admin for it'
        : chosen.length === 0
          ? 'Select starts first'
          : 'Shows the plan first',
      execute: () => start(chosen)
    }),
    apply: async () => {
      const job = await host.api.applyServers(plan?.id ?? '', 'restart', keys.map(refOf));
      host.traits.set('job_id', job.id);
      return job;
    },
    again: () => start(keys),
    close: () => {
      setPlan(null);
      setProblem(null);
    }
  };
}
