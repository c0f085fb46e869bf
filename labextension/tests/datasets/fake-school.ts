/** A school's datasets in memory, behind the client's own transport: requests in, replies out. */

import type { GrowthApi } from '../../src/api/client';
import type { IJob, IMe, IPlan } from '../../src/api/types';
import type { IChange, IDataset, IProbe, IReceiptTable, ISpace } from '../../src/datasets/types';
import { fakeApi, type IAsked, type IRefusal } from '../fake-api';
import { job, NO_RECEIPTS, probe, space } from './samples';

export const TA: IMe = {
  login: 'tom',
  areas: ['datasets'],
  scopes: ['custom:growth:datasets'],
  groups: ['tas'],
  version: '0.1.0',
  standalone: false,
  server_name: '',
  missing: []
};

export class FakeSchool {
  datasets: IDataset[] = [];
  space: ISpace = space();
  jobs: IJob[] = [];
  receipts: Record<string, IReceiptTable> = {};
  /** What a link stands for; a refusal is sent as a problem. */
  probe: (link: string) => IProbe | IRefusal | Promise<IProbe> = () => probe();
  plan: (change: IChange) => Partial<IPlan> = () => ({});
  /** Refuses every request until it is null. */
  refusal: IRefusal | null = null;
  readonly asked: IAsked[] = [];

  get api(): GrowthApi {
    return fakeApi(asked => this._reply(asked));
  }

  /** Paths asked with a verb, in their order: ["POST datasets/plans"]. */
  requests(method: string): string[] {
    return this.asked.filter(one => one.method === method).map(one => `${method} ${one.path}`);
  }

  bodyOf(path: string): unknown {
    return this.asked.filter(one => one.path === path).pop()?.body;
  }

  private _reply(asked: IAsked): unknown {
    this.asked.push(asked);
    return this.refusal ?? this._answer(asked.method, asked.path, asked.body);
  }

  private _answer(method: string, path: string, body: unknown): unknown {
    const said = body as Record<string, unknown>;
    const [, id, verb] = path.split('/');
    if (path === 'me') {
      return TA;
    }
    if (path === 'datasets') {
      return {
        datasets: this.datasets,
        space: this.space,
        problems: [],
        as_of: new Date().toISOString()
      };
    }
    if (path === 'datasets/probes') {
      return this.probe(String(said.link));
    }
    if (path === 'datasets/plans') {
      return this._plan(said.change as IChange);
    }
    if (path === 'datasets/applications') {
      return this._start(`Publish ${(said.change as IChange).name}`);
    }
    if (path === 'datasets/uploads') {
      return { uploads: [], publishing: {} };
    }
    if (path === 'jobs') {
      return { jobs: this.jobs };
    }
    if (path.startsWith('jobs/')) {
      return this._changeJob(method, id, verb);
    }
    if (verb === 'receipts') {
      return (
        this.receipts[id] ?? {
          name: id,
          current: 'v1',
          rows: [],
          counts: NO_RECEIPTS,
          unreadable: 0
        }
      );
    }
    if (verb === 'verifications') {
      return this._start(`Verify ${id}`);
    }
    if (verb === 'undeletions') {
      return { plan_id: '', title: `${id} is back.`, items: [], undo: null };
    }
    return { status: 404, title: `nothing at ${path}` };
  }

  private _plan(change: IChange): IPlan {
    return {
      id: `plan-${this.asked.length}`,
      action: change.action,
      title: `${change.action} ${change.name}`,
      warnings: [],
      items: [{ target: change.name, action: change.action, detail: '' }],
      confirm_number: null,
      ...this.plan(change)
    } as IPlan;
  }

  private _start(title: string): IJob {
    const started = job(`job-${this.jobs.length + 1}`, { title });
    this.jobs = [started, ...this.jobs];
    return started;
  }

  private _changeJob(method: string, id: string, verb: string | undefined): unknown {
    const found = this.jobs.find(one => one.id === decodeURIComponent(id));
    if (verb === 'log') {
      return { text: 'line 1\n', next_offset: 7, is_complete: false };
    }
    const part: Partial<IJob> =
      verb === 'pauses'
        ? { is_paused: true, state: 'pending' }
        : verb === 'resumptions'
          ? { is_paused: false, state: 'running', problem: null }
          : verb === 'cancellations'
            ? { is_cancel_asked: true }
            : {};
    if (!found) {
      return { status: 404, title: 'no such job' };
    }
    if (method === 'DELETE') {
      this.jobs = this.jobs.filter(one => one !== found);
      return undefined;
    }
    const changed = { ...found, ...part };
    this.jobs = this.jobs.map(one => (one === found ? changed : one));
    return changed;
  }
}
