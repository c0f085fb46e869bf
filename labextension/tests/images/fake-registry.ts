/** A school's image in memory, behind the client's own transport: requests in, replies out. */

import type { GrowthApi } from '../../src/api/client';
import type { IJob, IMe } from '../../src/api/types';
import type { ICheckResult, IImagePlan, IImageTag, IMove, ITimeline } from '../../src/images/types';
import { fakeApi, type IAsked, type IRefusal } from '../fake-api';
import { FakeBuilds } from './fake-builds';
import { image, move, NAME, NEXT, NOW, OLD, PASSED, planTo, tag } from './samples';

export const ADA: IMe = {
  login: 'ada',
  areas: ['images', 'servers'],
  scopes: ['custom:growth:admin'],
  groups: ['admins'],
  version: '0.1.0',
  standalone: false,
  server_name: '',
  missing: []
};

export class FakeRegistry {
  live = NOW;
  tags: IImageTag[] = [
    tag('git-42', NEXT, { image: image(NEXT, { created: '2026-11-25T08:00:00Z' }) }),
    tag('deploy', NOW),
    tag('git-41', NOW),
    tag('deploy-0a0a0a0a0a0a', OLD, {
      image: image(OLD, { created: '2026-11-01T08:00:00Z', size_bytes: 1_100_000_000 })
    }),
    tag('git-40', OLD, { image: image(OLD, { size_bytes: 1_100_000_000 }) })
  ];
  moves: IMove[] = [
    move(2, NOW),
    move(1, OLD, {
      action: 'found',
      from_digest: '',
      author: '',
      reason: 'as it was found',
      time: '2026-11-10T07:00:00Z'
    })
  ];
  usage: ITimeline['usage'] = [
    { digest: NOW, servers: 298, inferred: 0, is_live: true },
    { digest: OLD, servers: 14, inferred: 3, is_live: false }
  ];
  unknown = 0;
  leftOut = 0;
  notes: string[] = [];
  gone: string[] = [];
  results: ICheckResult[] = [];
  /** Checks and pre-pulls, newest first; whoever begins a check is told of the newest. */
  jobs: IJob[] = [];
  /** Refusals by the beginning of a path, with the method in front: `POST images/promotions`. */
  readonly refusals = new Map<string, IRefusal>();
  readonly asked: IAsked[] = [];
  /** Where the image comes from. */
  readonly source = new FakeBuilds();

  get api(): GrowthApi {
    return fakeApi(asked => this._reply(asked));
  }

  /** Bodies sent to a path, in their order. */
  bodiesOf<T>(path: string): T[] {
    return this.asked
      .filter(one => one.method === 'POST' && one.path === path)
      .map(one => one.body as T);
  }

  private _reply({ method, path: sent, query, body: said }: IAsked): unknown {
    const path = decodeURIComponent(sent);
    const body = (said ?? {}) as Record<string, string>;
    this.asked.push({ method, path, query, body });
    const asked = `${method} ${path}`;
    const job = this.jobs.find(
      ({ id, kind }) =>
        asked === `GET jobs/${id}` || (path.endsWith('/checks') && kind === 'images.check')
    );
    if (job) {
      return job;
    }
    const isSource = /^(images\/(builds|packages)|jobs\/)/.test(path); // asks no registry
    const refused = [...this.refusals].find(
      ([start]) => asked.startsWith(start) && (!isSource || start.includes('images/'))
    )?.[1];
    return (
      refused ??
      (isSource
        ? this.source.answer({ method, path, query, body: said })
        : this._answer(path, body))
    );
  }

  private _answer(path: string, body: Record<string, string>): unknown {
    switch (path) {
      case 'images':
        return {
          name: NAME,
          tag: 'deploy',
          digest: this.live,
          tags: this.tags.map(row => ({ ...row, is_live: row.digest === this.live })),
          left_out: this.leftOut,
          notes: this.notes,
          as_of: new Date().toISOString()
        };
      case 'jobs':
        return { jobs: this.jobs };
      case 'images/tryouts':
        return { tryouts: [], folder: '/tmp/growth-try-ada', conda_problem: '' };
      case 'images/timeline':
        return this._timeline();
      case 'images/plans':
        return this._plan(body.target);
      case 'images/promotions':
      case 'images/rollbacks':
        return this._move(body);
      default:
        return path.endsWith('/results') ? this._record(path, body) : this._details(path);
    }
  }

  private _timeline(): ITimeline {
    const usage = this.usage.map(row => ({ ...row, is_live: row.digest === this.live }));
    return {
      name: NAME,
      tag: 'deploy',
      digest: this.live,
      moves: this.moves,
      usage,
      stale: usage.filter(row => !row.is_live).reduce((sum, row) => sum + row.servers, 0),
      unknown: this.unknown,
      notes: this.notes
    };
  }

  private _plan(target: string): IImagePlan {
    const row = this.tags.find(({ name, digest }) => name === target || digest === target);
    const digest = row?.digest ?? target;
    const hadIt = digest === OLD;
    return planTo(digest, this.live, {
      gate: row?.gate ?? PASSED,
      action: hadIt ? 'roll-back' : 'promote',
      needs_force: row?.gate.state !== 'passed' && !hadIt,
      gone: this.gone,
      is_possible: this.gone.length === 0 && digest !== this.live,
      image: row?.image ?? image(digest)
    });
  }

  private _move({ digest, reason, force_reason }: Record<string, string>): unknown {
    const done = move(this.moves.length + 1, digest, {
      from_digest: this.live,
      action: digest === OLD ? 'roll-back' : 'promote',
      reason,
      force_reason: force_reason ?? '',
      author: 'ada'
    });
    this.moves = [done, ...this.moves];
    this.live = digest;
    const title = `deploy of ${NAME} names ${digest.slice(0, 19)} since 09:10 UTC`;
    const item = { target: 'deploy', action: done.action, result: 'done', detail: '' };
    return { move: done, receipt: { plan_id: '', title, items: [item], undo: null } };
  }

  private _record(path: string, body: Record<string, string>): ICheckResult {
    const digest = path.split('/')[2];
    const kept = { id: `${this.results.length}`, digest, time: new Date().toISOString() };
    this.results = [
      { ...kept, author: 'ada', ...body } as unknown as ICheckResult,
      ...this.results
    ];
    return this.results[0];
  }

  private _details(path: string): unknown {
    const digest = path.split('/')[2];
    const row = this.tags.find(one => one.digest === digest);
    return {
      name: NAME,
      image: row?.image ?? image(digest),
      tags: this.tags.filter(one => one.digest === digest).map(({ name }) => name),
      is_live: digest === this.live,
      gate: row?.gate ?? PASSED,
      results: this.results.filter(one => one.digest === digest),
      gone: this.gone
    };
  }
}
