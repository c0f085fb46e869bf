/** A hub's servers in memory, behind the client's own transport: requests in, replies out. */

import type { GrowthApi } from '../../src/api/client';
import type { IJob, IMe, IServer } from '../../src/api/types';
import { narrow } from '../../src/servers/criteria';
import type { IQuestion, IServerPlan, ISelector } from '../../src/servers/types';
import { fakeApi, type IAsked, type IRefusal } from '../fake-api';
import { job, planFor } from './samples';

export const ADA: IMe = {
  login: 'ada',
  areas: ['servers'],
  scopes: ['custom:growth:admin'],
  groups: ['admins'],
  version: '0.1.0',
  standalone: false,
  server_name: '',
  missing: []
};

export class FakeServers {
  servers: IServer[] = [];
  notes: string[] = [];
  jobs: IJob[] = [];
  plan: (question: IQuestion) => IServerPlan | IRefusal = question =>
    planFor(question, this.find(question));
  /** Refuses what begins with `refused`, until it is null. */
  refusal: IRefusal | null = null;
  refused = '';
  readonly asked: IAsked[] = [];

  get api(): GrowthApi {
    return fakeApi(asked => this._reply(asked));
  }

  /** Bodies sent to a path, in their order. */
  bodiesOf<T>(path: string): T[] {
    return this.asked.filter(one => one.path === path).map(one => one.body as T);
  }

  find(question: IQuestion & { servers?: readonly IServer[]; selector?: ISelector }): IServer[] {
    const { servers, selector } = question;
    if (!selector) {
      const users = new Set(servers?.map(({ user }) => user));
      return this.servers.filter(({ user }) => users.has(user));
    }
    const criteria = {
      team: selector.groups[0] ?? '',
      imageNot: selector.image_not,
      isOldRevision: selector.is_old_revision,
      idleMin: selector.idle_min,
      result: selector.start_results[0] ?? ''
    };
    return narrow(this.servers, criteria, Date.now()).rows.filter(({ state }) => state === 'ready');
  }

  private _reply({ method, path, query, body }: IAsked): unknown {
    const limit = new URLSearchParams(query).get('limit');
    this.asked.push({ method, path, query: limit ?? '', body });
    const isRefused = this.refusal && path.startsWith(this.refused);
    return isRefused ? this.refusal : this._answer(method, path, body, Number(limit ?? Infinity));
  }

  private _answer(method: string, path: string, body: unknown, limit: number): unknown {
    switch (path) {
      case 'servers':
        return this._page(limit);
      case 'servers/plans':
        return this.plan(body as IQuestion);
      case 'servers/applications':
        this.jobs = [job(`job-${this.jobs.length + 1}`), ...this.jobs];
        return this.jobs[0];
      case 'jobs':
        return { jobs: this.jobs };
      default:
        return this._job(method, path.split('/'));
    }
  }

  private _page(limit: number): unknown {
    const { length } = this.servers;
    return {
      servers: this.servers.slice(0, limit),
      total: length,
      as_of: new Date().toISOString(),
      next_offset: limit < length ? limit : null,
      notes: this.notes
    };
  }

  private _job(method: string, [, id, noun]: string[]): unknown {
    const change: Partial<IJob> =
      noun === 'pauses'
        ? { is_paused: true, state: 'pending' }
        : noun === 'resumptions'
          ? { is_paused: false, state: 'running' }
          : noun === 'cancellations'
            ? { is_cancel_asked: true }
            : {};
    this.jobs = this.jobs
      .filter(one => method !== 'DELETE' || one.id !== id)
      .map(one => (one.id === id ? { ...one, ...change } : one));
    return this.jobs.find(one => one.id === id) ?? null;
  }
}
