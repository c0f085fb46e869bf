/** A school's people in memory, behind the client's own transport: requests in, replies out. */

import type { GrowthApi } from '../../src/api/client';
import type { IAuditEntry, IJob, IMe, IPlan } from '../../src/api/types';
import type {
  IImportRequest,
  IPeopleList,
  IPerson,
  IPlanRequest,
  IPreview,
  IRosterPlan,
  ISetup
} from '../../src/roster/types';
import { fakeApi, type IAsked, type IRefusal } from '../fake-api';
import { BUDGET, check, job, plan, preview, step } from './samples';

export const ADA: IMe = {
  login: 'ada',
  areas: ['roster'],
  scopes: ['custom:growth:admin'],
  groups: ['admins'],
  version: '0.1.0',
  standalone: false,
  server_name: '',
  missing: []
};

export class FakeRoster {
  people: IPerson[] = [];
  teams = ['participants', 'tas'];
  asOf = new Date();
  problems: string[] = [];
  setup: ISetup = {
    checks: [check('credential', 'ok'), check('team', 'ok')],
    credential: 'app',
    organization: 'summer-school'
  };
  jobs: IJob[] = [];
  entries: IAuditEntry[] = [];
  read: (request: IImportRequest) => IPreview | IRefusal | Promise<IPreview> = () => preview();
  plan: (request: IPlanRequest) => IRosterPlan | IRefusal | Promise<IRosterPlan> = request =>
    plan(request.entries.map(({ login, row }) => step('invite', login, { row })));
  /** Refuses what begins with `refused`, until it is null. */
  refusal: IRefusal | null = null;
  refused = '';
  readonly asked: IAsked[] = [];

  get api(): GrowthApi {
    return fakeApi(asked => this._reply(asked));
  }

  /** Paths asked with a verb, in their order. */
  requests(method: string): string[] {
    return this.asked.filter(one => one.method === method).map(one => `${method} ${one.path}`);
  }

  bodyOf<T = unknown>(path: string): T {
    return this.asked.filter(one => one.path === path).pop()?.body as T;
  }

  private _reply(asked: IAsked): unknown {
    const { method, path, body } = asked;
    this.asked.push(asked);
    const isRefused = this.refusal && path.startsWith(this.refused);
    return isRefused ? this.refusal : this._answer(method, path, body);
  }

  private _answer(method: string, path: string, body: unknown): unknown {
    const parts = path.split('/');
    switch (path) {
      case 'me':
        return ADA;
      case 'roster/people':
        return this._list();
      case 'roster/imports':
        return this.read(body as IImportRequest);
      case 'roster/plans':
        return this.plan(body as IPlanRequest);
      case 'roster/applications':
      case 'roster/offboardings':
        return this._start();
      case 'roster/offboardings/plans':
        return this._offboarding(body as { key: string; home: string });
      case 'roster/setup':
        return this.setup;
      case 'audit/entries':
        return { entries: this.entries, is_truncated: false, unreadable: 0 };
      case 'jobs':
        return { jobs: this.jobs };
      default:
        return parts[0] === 'jobs'
          ? this._job(method, decodeURIComponent(parts[1]))
          : this._patch(decodeURIComponent(parts[2]), body as Partial<IPerson>);
    }
  }

  private _list(): IPeopleList {
    const counts: IPeopleList['counts'] = {};
    this.people.forEach(({ state }) => (counts[state] = (counts[state] ?? 0) + 1));
    return {
      people: this.people,
      counts,
      teams: this.teams,
      accept_url: 'https://github.com/orgs/summer-school/invitation',
      organization: 'summer-school',
      budget: BUDGET,
      as_of: this.asOf.toISOString(),
      problems: this.problems
    };
  }

  private _patch(key: string, change: Partial<IPerson>): unknown {
    const found = this.people.find(one => one.key === key);
    if (!found) {
      return { status: 404, title: 'Nobody of this key' };
    }
    const changed = { ...found, ...change };
    this.people = this.people.map(one => (one === found ? changed : one));
    return changed;
  }

  private _offboarding({ key, home }: { key: string; home: string }): IPlan {
    const target = this.people.find(one => one.key === key)?.login ?? key;
    return {
      id: `off-${home}`,
      action: 'offboard',
      title: `Offboard ${target}`,
      warnings: home === 'delete' ? ['The home folder is deleted: nobody gets it back.'] : [],
      items: ['leave team', 'stop servers', 'revoke tokens', 'delete hub user'].map(action => ({
        target,
        action,
        detail: ''
      })),
      confirm_number: home === 'delete' ? 1 : null
    };
  }

  private _start(): IJob {
    const started = job(`job-${this.jobs.length + 1}`);
    this.jobs = [started, ...this.jobs];
    return started;
  }

  private _job(method: string, id: string): unknown {
    const found = this.jobs.find(one => one.id === id);
    if (method === 'DELETE') {
      this.jobs = this.jobs.filter(one => one !== found);
    }
    return found ?? { status: 404, title: 'no such job' };
  }
}
