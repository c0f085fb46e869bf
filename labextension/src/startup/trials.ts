/** Rehearsals and canaries of one script: the newest job of each kind, followed to its end. */

import type { IDisposable } from '@lumino/disposable';
import { type ISignal, Signal } from '@lumino/signaling';

import { Problem } from '../api/problem';
import type { IJob } from '../api/types';
import { isEnded } from '../ui/job-row';
import type { StartupClient, Trial } from './client';
import type { ScriptName } from './types';

export const TRIALS: readonly Trial[] = ['rehearsal', 'canary'];

const POLL_MS = 1500;
const POLL_AFTER_FAILURE_MS = 6000;

/** Return which revision of which script a job tries; null for a job of another kind. */
export function subjectOf(job: IJob): { trial: Trial; script: string; revision: number } | null {
  const trial = TRIALS.find(name => job.kind === `startup.${name}`);
  const parts = /^startup\/scripts\/([^/]+)\/revisions\/(\d+)$/.exec(job.subject);
  return trial && parts ? { trial, script: parts[1], revision: Number(parts[2]) } : null;
}

export class TrialsModel implements IDisposable {
  /** `onEnded` is called when a job has ended and left its evidence. */
  constructor(
    private readonly _client: StartupClient,
    private readonly _script: ScriptName,
    private readonly _onEnded: () => void
  ) {}

  /** The newest job of each kind, running or not. */
  jobs: Readonly<Partial<Record<Trial, IJob>>> = {};
  /** Why a trial could not be started or followed. */
  problem: Problem | null = null;
  /** What was being done when the problem came. */
  doing = '';
  isStarting = false;
  isDisposed = false;

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Return what the running trials of this revision say. */
  running(revision: number | undefined): Partial<Record<Trial, string>> {
    const said: Partial<Record<Trial, string>> = {};
    for (const trial of TRIALS) {
      const job = this.jobs[trial];
      if (job && !isEnded(job) && subjectOf(job)?.revision === revision) {
        said[trial] = job.progress?.message ?? '';
      }
    }
    return said;
  }

  /** Find the jobs that were started before this page was opened, or by somebody else. */
  async discover(): Promise<void> {
    try {
      const jobs = await this._client.api.listJobs({ area: 'startup' });
      const oldestFirst = [...jobs].sort((a, b) => a.created.localeCompare(b.created));
      oldestFirst.forEach(job => this._take(job));
    } catch (reason) {
      this._fail('Looking for running trials', reason);
    }
    this._follow();
  }

  async start(trial: Trial, revision: number): Promise<IJob | null> {
    this.isStarting = true;
    this.problem = null;
    this._changed.emit();
    try {
      const job = await this._client.startTrial(trial, this._script, revision);
      this._take(job);
      return job;
    } catch (reason) {
      const verb = trial === 'canary' ? 'Trying' : 'Rehearsing';
      this._fail(`${verb} r${revision} of ${this._script}`, reason);
      return null;
    } finally {
      this.isStarting = false;
      this._follow();
    }
  }

  async cancel(trial: Trial): Promise<void> {
    const job = this.jobs[trial];
    if (job) {
      this._take(await this._client.api.cancelJob(job.id));
      this._follow();
    }
  }

  dismissProblem(): void {
    this.problem = null;
    this._changed.emit();
  }

  dispose(): void {
    window.clearTimeout(this._timer);
    this.isDisposed = true;
    Signal.clearData(this);
  }

  /** Keep this look at a job, if it is about our script and not older than the one we have. */
  private _take(job: IJob): void {
    const subject = subjectOf(job);
    if (subject?.script !== this._script) {
      return;
    }
    const known = this.jobs[subject.trial];
    if (!known || known.id === job.id || known.created <= job.created) {
      this.jobs = { ...this.jobs, [subject.trial]: job };
      this._changed.emit();
    }
  }

  private _fail(doing: string, reason: unknown): void {
    this.problem = Problem.from(reason);
    this.doing = doing;
    this._changed.emit();
  }

  /** Ask again and again how the running jobs are, until the last one has ended. */
  private _follow(wait_ms = POLL_MS): void {
    window.clearTimeout(this._timer);
    this._changed.emit();
    if (this._active().length > 0 && !this.isDisposed) {
      this._timer = window.setTimeout(() => void this._ask(), wait_ms);
    }
  }

  private async _ask(): Promise<void> {
    const before = this._active();
    try {
      const jobs = await Promise.all(before.map(job => this._client.api.getJob(job.id)));
      jobs.forEach(job => this._take(job));
      if (this.doing === FOLLOWING) {
        this.problem = null;
      }
      if (jobs.some(isEnded)) {
        this._onEnded();
      }
      this._follow();
    } catch (reason) {
      this._fail(FOLLOWING, reason);
      this._follow(POLL_AFTER_FAILURE_MS);
    }
  }

  private _active(): IJob[] {
    return Object.values(this.jobs).filter(job => !isEnded(job));
  }

  private readonly _changed = new Signal<this, void>(this);
  private _timer: number | undefined;
}

const FOLLOWING = 'Following a trial';
