/** A job as the server tells of it, for tests and for the pages of the harness. */

import type { IJob } from '../src/api/types';

/** Return a job that has just begun, but for what `over` says. */
export function runningJob(over: Partial<IJob> = {}): IJob {
  const created = over.created ?? '2026-11-23T08:41:02Z';
  return {
    id: 'job-1',
    kind: '',
    area: '',
    title: '',
    subject: '',
    state: 'running',
    created,
    created_by: 'ada',
    started: created,
    ended: null,
    progress: null,
    problem: null,
    receipt: null,
    is_cancellable: true,
    is_cancel_asked: false,
    is_pausable: false,
    is_paused: false,
    owner: '',
    times_taken_over: 0,
    ...over
  };
}
