/** "Restart these 5": the servers' plan, made from the table of starts. */

import type { IJob, IReceipt, IServerPlan, IServerRef } from '../../api/types';
import type { IAction } from '../../panel/actions';
import type { IHost } from '../../panel/host';
import { type IAsking, noPlan, usePlan } from '../../panel/use-plan';
import { formatCount } from '../../ui/time';

interface IPlanned {
  keys: readonly string[];
  plan: IServerPlan;
}

export interface IRestart extends IAsking {
  plan: IServerPlan | null;
  /** "Restart jane", for the plan. */
  label: string;
  /** The action that plans a restart of these servers, named by their keys. */
  actionFor(keys: readonly string[]): IAction;
  apply(): Promise<{ job: IJob }>;
  /** Plan the same again. */
  again(): void;
  close(receipt?: IReceipt): void;
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
  const { api, me, traits } = host;
  const { planned, isAsking, problem, doing, ask, close } = usePlan<IPlanned>(host);
  const mayRestart = me.areas.includes('servers');
  const start = (keys: readonly string[]): void =>
    ask(
      async signal => ({ keys, plan: await api.planServers('restart', keys.map(refOf), signal) }),
      spellRestart(keys)
    );
  return {
    plan: planned?.plan ?? null,
    isAsking,
    problem,
    doing,
    label: spellRestart(planned?.keys ?? []),
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
      if (!planned) {
        throw noPlan();
      }
      // as the plan showed them: those that changed since are left alone
      const job = await api.applyServers(planned.plan.id, 'restart', planned.plan.servers);
      traits.set('job_id', job.id);
      return { job };
    },
    again: () => planned && start(planned.keys),
    close
  };
}
