/** A school's start scripts in memory, behind the same client that the panels use. */

import type { GrowthApi } from '../../src/api/client';
import { Problem } from '../../src/api/problem';
import type { IRequestOptions } from '../../src/api/request';
import type { IJob } from '../../src/api/types';
import type { ISaveRequest } from '../../src/startup/client';
import type { IFinding, IRevision } from '../../src/startup/types';
import { revision, script } from './samples';

export class FakeServer {
  texts = new Map<string, string>([['sha-1', '#!/bin/bash\none\ntwo\nthree\n']]);
  revisions: IRevision[] = [revision(1)];
  findings: IFinding[] = [];
  jobs: IJob[] = [];
  live = 'sha-1';
  requests: string[] = [];
  refuse: Problem | null = null;

  /** Save as somebody else would. */
  saveAs(author: string, text: string): IRevision {
    const number = this.head.number + 1;
    const added = revision(number, { author, sha256: `sha-${number}` });
    this.texts.set(added.sha256, text);
    this.revisions = [added, ...this.revisions];
    return added;
  }

  get head(): IRevision {
    return this.revisions[0];
  }

  get api(): GrowthApi {
    const fake: Partial<GrowthApi> = {
      request: <T>(path: string, options?: IRequestOptions) =>
        this._reply(path, options) as Promise<T>,
      listJobs: async () => this.jobs,
      getJob: async id => this.jobs.find(job => job.id === id) as IJob
    };
    return fake as GrowthApi;
  }

  private async _reply(path: string, options: IRequestOptions = {}): Promise<unknown> {
    this.requests.push(`${options.method ?? 'GET'} ${path}`);
    if (this.refuse) {
      throw this.refuse;
    }
    if (path === 'startup/lints') {
      return { findings: this.findings };
    }
    if (path.endsWith('/revisions') && options.method === 'POST') {
      return this._save(options.body as ISaveRequest);
    }
    if (path.endsWith('/revisions')) {
      return { revisions: this.revisions, publications: [] };
    }
    if (path === 'startup/scripts/as-user.sh') {
      return {
        script: script({ head_revision: this.head.number, live_sha256: this.live }),
        live_text: this.texts.get(this.live),
        head: {
          revision: this.head,
          text: this.texts.get(this.head.sha256),
          is_lossy: false,
          is_live: false,
          evidence: []
        }
      };
    }
    throw new Problem({ status: 404, title: path, detail: '', hint: '' });
  }

  private _save(body: ISaveRequest): unknown {
    if (body.base_sha256 !== this.head.sha256) {
      const context = {
        base: this.texts.get(body.base_sha256),
        theirs: this.texts.get(this.head.sha256),
        yours: body.text,
        head: this.head
      };
      throw new Problem({ status: 409, title: 'Conflict', detail: '', hint: '', context });
    }
    if (this.findings.some(({ severity }) => severity === 'error') && !body.override_reason) {
      const context = { findings: this.findings };
      throw new Problem({ status: 422, title: 'Confirm', detail: '', hint: '', context });
    }
    return { revision: this.saveAs('me', body.text), findings: this.findings, is_new: true };
  }
}

/** A browser's storage in memory; `isFull` makes it refuse to keep more. */
export class FakeStorage {
  isFull = false;
  private readonly _items = new Map<string, string>();

  get length(): number {
    return this._items.size;
  }

  key(index: number): string | null {
    return [...this._items.keys()][index] ?? null;
  }

  getItem(key: string): string | null {
    return this._items.get(key) ?? null;
  }

  setItem(key: string, value: string): void {
    if (this.isFull) {
      throw new DOMException('full', 'QuotaExceededError');
    }
    this._items.set(key, value);
  }

  removeItem(key: string): void {
    this._items.delete(key);
  }
}

export function finding(over: Partial<IFinding> = {}): IFinding {
  return {
    line: 2,
    column: null,
    severity: 'error',
    rule: 'deletes-work',
    message: 'deletes notebooks',
    hint: 'do not',
    ...over
  };
}
