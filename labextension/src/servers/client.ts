/** The routes of this area, by what they do. All methods reject with a `Problem`. */

import type { GrowthApi } from '../api/client';
import type { IJob, IServerPage } from '../api/types';
import type { IHelp, IOpened, IQuestion, IServerPlan } from './types';

export class ServersClient {
  constructor(private readonly _api: GrowthApi) {}

  /** The first rows, which come before the hub has told all; without a limit the whole list. */
  list(limit?: number): Promise<IServerPage> {
    return this._api.request('servers', { query: { limit } });
  }

  /** What is wrong with a user's server, and what is known of it. */
  help(user: string, serverName: string): Promise<IHelp> {
    return this._api.request(`servers/help/${encodeURIComponent(user)}`, {
      query: { server_name: serverName || undefined }
    });
  }

  /** Record that one goes into a user's server; the answer says where it is. */
  open(user: string, serverName: string): Promise<IOpened> {
    return this._api.request(`servers/help/${encodeURIComponent(user)}/openings`, {
      method: 'POST',
      body: { server_name: serverName }
    });
  }

  plan({ action, which, pace, courtesy }: IQuestion, signal?: AbortSignal): Promise<IServerPlan> {
    return this._api.request('servers/plans', {
      method: 'POST',
      body: { action, ...which, pace, courtesy },
      signal
    });
  }

  /**
   * Start what a plan says: with the servers that it showed, as it showed them, so that those that
   * changed since are left alone and nobody else is touched.
   */
  apply(plan: IServerPlan, { action }: IQuestion): Promise<IJob> {
    const { id: plan_id, servers, pace, courtesy } = plan;
    return this._api.request('servers/applications', {
      method: 'POST',
      body: { plan_id, action, servers, pace, courtesy }
    });
  }
}
