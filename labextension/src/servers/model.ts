/** Servers of the school, and what can be done with them. */

import type { GrowthApi } from '../api/client';
import type { IServer, IServerRef, ServerAction, ServerState } from '../api/types';
import { Polled } from '../ui/polled';
import type { Tone } from '../ui/state-badge';
import { plural } from '../ui/time';
import { ServersClient } from './client';

const INTERVAL_MS = 5000;
/** A list of 10,000 is some MB: it is not asked for every few seconds. */
const LONG_INTERVAL_MS = 20_000;
const LONG = 2000;
/** More than fit a screen; the hub has told them before it has told all. */
const FIRST_ROWS = 500;

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

export interface IServers {
  servers: IServer[];
  total: number;
  /** Whether these are all, not the first rows while the rest is being read. */
  isComplete: boolean;
  /** What the list cannot know, and why. */
  notes: string[];
}

/** How the next question is put, and when the hub was asked for the last answer. */
interface IAsking {
  isFirst: boolean;
  asked: Date | null;
}

export class ServersModel extends Polled<IServers> {
  constructor(api: GrowthApi) {
    const client = new ServersClient(api);
    const asking: IAsking = { isFirst: true, asked: null };
    super({
      load: async () => {
        const page = await client.list(asking.isFirst ? FIRST_ROWS : undefined);
        asking.isFirst = false;
        asking.asked = new Date(page.as_of);
        return {
          servers: page.servers,
          total: page.total,
          isComplete: (page.next_offset ?? null) === null,
          notes: page.notes ?? []
        };
      },
      interval_ms: INTERVAL_MS
    });
    this._asking = asking;
    this.changed.connect(() => this._askForTheRest());
  }

  override get interval_ms(): number {
    return (this.data?.servers.length ?? 0) > LONG ? LONG_INTERVAL_MS : INTERVAL_MS;
  }

  /** When the hub was asked, which may be before this answer came; its clock may go wrong. */
  override get asOf(): Date | null {
    const { loadedAt } = this;
    const { asked } = this._asking;
    return loadedAt && asked && asked < loadedAt ? asked : loadedAt;
  }

  private _askForTheRest(): void {
    if (this.data && !this.data.isComplete && !this.isLoading && !this.problem) {
      void this.refresh();
    }
  }

  private readonly _asking: IAsking;
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

export const VERBS: Record<ServerAction, string> = {
  start: 'Start',
  stop: 'Stop',
  restart: 'Restart'
};

/** Return the label of an action: "Restart 43 servers", "Restart jane-doe". */
export function labelOf(action: ServerAction, names: readonly string[]): string {
  if (names.length === 1) {
    return `${VERBS[action]} ${names[0]}`;
  }
  return `${VERBS[action]} ${names.length === 0 ? 'servers' : plural(names.length, 'server')}`;
}
