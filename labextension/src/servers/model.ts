/** Servers of the school, and plans for them. */

import type { GrowthApi } from '../api/client';
import type { IPlan, IServer, IServerRef, ServerAction, ServerState } from '../api/types';
import { Polled } from '../ui/polled';
import type { Tone } from '../ui/state-badge';

const INTERVAL_MS = 5000;

export const STATE_TONES: Record<ServerState, Tone> = {
  ready: 'ok',
  spawning: 'busy',
  stopping: 'busy',
  stopped: 'idle'
};

/** States from which an action makes sense. */
const POSSIBLE: Record<ServerAction, readonly ServerState[]> = {
  start: ['stopped'],
  stop: ['ready', 'spawning'],
  restart: ['ready']
};

export class ServersModel extends Polled<IServer[]> {
  constructor(api: GrowthApi) {
    super({ load: async () => (await api.listServers()).servers, interval_ms: INTERVAL_MS });
  }
}

/** Return a server's key: the user, and the server's name if it has one. */
export function keyOf(server: IServerRef): string {
  return server.server_name ? `${server.user}/${server.server_name}` : server.user;
}

/** Return those of the servers that an action would change. */
export function affected(action: ServerAction, servers: readonly IServer[]): IServer[] {
  return servers.filter(server => POSSIBLE[action].includes(server.state));
}

/** Return only what names a server. */
export function refsOf(servers: readonly IServer[]): IServerRef[] {
  return servers.map(({ user, server_name }) => ({ user, server_name }));
}

/** Return the label of an action: "Restart 43 servers", "Restart jane-doe". */
export function labelOf(action: ServerAction, servers: readonly IServerRef[]): string {
  const verb = action[0].toUpperCase() + action.slice(1);
  if (servers.length === 1) {
    return `${verb} ${keyOf(servers[0])}`;
  }
  return `${verb} ${servers.length === 0 ? 'servers' : `${servers.length.toLocaleString()} servers`}`;
}

/** A plan that was made, with what it was made for. */
export interface IServersPlan {
  action: ServerAction;
  servers: IServerRef[];
  plan: IPlan;
}

/** Ask the server what an action would do. */
export async function planServers(
  api: GrowthApi,
  action: ServerAction,
  servers: IServerRef[]
): Promise<IServersPlan> {
  return { action, servers, plan: await api.planServers(action, servers) };
}
