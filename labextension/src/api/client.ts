/** The typed client: one method for each route that the panels use. */

import { ServerConnection } from '@jupyterlab/services';
import { type ISignal, Signal } from '@lumino/signaling';

import { IRequestOptions, request } from './request';
import type {
  IAuditPage,
  IJob,
  IJobLog,
  IMe,
  IServerPage,
  IServerPlan,
  IServerRef,
  IUndo,
  ServerAction
} from './types';

export interface IAuditQuery {
  user?: string;
  permission?: string;
  area?: string;
  since?: string;
  until?: string;
  limit?: number;
}

/** What is sent with POST and changes nothing. */
const QUESTIONS = [
  'startup/lints',
  'servers/plans',
  'datasets/probes',
  'datasets/plans',
  'roster/imports',
  'roster/plans',
  'roster/offboardings/plans',
  'images/plans',
  'images/builds/plans',
  'images/packages/checks',
  'images/packages/plans'
];

/** All methods reject with a `Problem`. */
export class GrowthApi {
  constructor(readonly settings: ServerConnection.ISettings = ServerConnection.makeSettings()) {}

  /** Emitted after each request of this page that changed something. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Any route by its path below `/growth/api`, for areas with a client of their own. */
  async request<T>(path: string, options?: IRequestOptions): Promise<T> {
    const answer = await request<T>(this.settings, path, options);
    if ((options?.method ?? 'GET') !== 'GET' && !QUESTIONS.includes(path)) {
      this._changed.emit();
    }
    return answer;
  }

  /** Who I am and which areas are open to me. */
  getMe(): Promise<IMe> {
    return this.request('me');
  }

  /** Send the request that takes a change back; resolves with the server's answer. */
  undo(undo: IUndo): Promise<unknown> {
    const method = undo.method as IRequestOptions['method'];
    return this.request(undo.path, { method, body: undo.body });
  }

  async listJobs(filter: { area?: string; state?: string } = {}): Promise<IJob[]> {
    return (await this.request<{ jobs: IJob[] }>('jobs', { query: filter })).jobs;
  }

  getJob(id: string, signal?: AbortSignal): Promise<IJob> {
    return this.request(`jobs/${encodeURIComponent(id)}`, { signal });
  }

  /** The part of a job's log from `offset` (bytes) on. */
  getJobLog(id: string, offset = 0): Promise<IJobLog> {
    return this.request(`jobs/${encodeURIComponent(id)}/log`, { query: { offset } });
  }

  cancelJob(id: string): Promise<IJob> {
    return this.request(`jobs/${encodeURIComponent(id)}/cancellations`, {
      method: 'POST',
      body: {}
    });
  }

  /** Let a job stop for a while; what it has done stays. */
  pauseJob(id: string): Promise<IJob> {
    return this.request(`jobs/${encodeURIComponent(id)}/pauses`, { method: 'POST', body: {} });
  }

  /** Let a paused job go on. */
  resumeJob(id: string): Promise<IJob> {
    return this.request(`jobs/${encodeURIComponent(id)}/resumptions`, { method: 'POST', body: {} });
  }

  /** Put an ended job away. */
  dismissJob(id: string): Promise<void> {
    return this.request(`jobs/${encodeURIComponent(id)}`, { method: 'DELETE' });
  }

  listAuditEntries(query: IAuditQuery = {}): Promise<IAuditPage> {
    return this.request('audit/entries', { query: { ...query } });
  }

  listServers(limit?: number): Promise<IServerPage> {
    return this.request('servers', { query: { limit } });
  }

  planServers(
    action: ServerAction,
    servers: readonly IServerRef[],
    signal?: AbortSignal
  ): Promise<IServerPlan> {
    return this.request('servers/plans', { method: 'POST', body: { action, servers }, signal });
  }

  /** Start what a plan says, best with its own `servers`; the job goes on without this page. */
  applyServers(
    planId: string,
    action: ServerAction,
    servers: readonly IServerRef[]
  ): Promise<IJob> {
    return this.request('servers/applications', {
      method: 'POST',
      body: { plan_id: planId, action, servers }
    });
  }

  private readonly _changed = new Signal<this, void>(this);
}
