/** Servers, plans and jobs as the server sends them. */

import type { IJob, IServer } from '../../src/api/types';
import { UNTOLD } from '../../src/servers/courtesy';
import type { ICourtesy, IPace, IQuestion, IServerPlan } from '../../src/servers/types';
import { runningJob } from '../jobs';

export const OLD = `sha256:${'0'.repeat(59)}a41f0`;
export const NEW = `sha256:${'1'.repeat(59)}b52e1`;
export const PACE: IPace = {
  max_in_flight: 10,
  canary_count: 1,
  canaries: [],
  stop_at_failures: 0.1
};

export function server(user: string, over: Partial<IServer> = {}): IServer {
  const state = over.state ?? 'ready';
  const isReady = state === 'ready';
  return {
    user,
    server_name: '',
    state,
    started: isReady ? '2026-11-23T07:00:00Z' : null,
    last_activity: '2026-11-23T07:40:00Z',
    url: isReady ? `/user/${user}/` : null,
    image: 'registry.example/school:2026',
    groups: ['participants'],
    is_own: false,
    ready_since: isReady ? '2026-11-23T07:00:00Z' : null,
    idle_since: null,
    busy_kernels: null,
    image_digest: NEW,
    is_digest_inferred: false,
    scripts: { 'as-root.sh': 14, 'as-user.sh': 31 },
    is_old_revision: false,
    start_result: 'ok',
    data: [{ name: 'catalogue', state: 'current' }],
    ...over
  };
}

/** What the hub alone knows of a server. */
export const UNKNOWN: Partial<IServer> = {
  image: null,
  image_digest: null,
  scripts: null,
  is_old_revision: null,
  start_result: null,
  data: null
};

export function planFor(question: IQuestion, servers: readonly IServer[]): IServerPlan {
  const { action, pace = PACE, courtesy = UNTOLD } = question;
  const count = servers.length;
  const waves = count < 2 ? 1 : 1 + Math.ceil((count - pace.canary_count) / pace.max_in_flight);
  const verb = action[0].toUpperCase() + action.slice(1);
  return {
    id: `p-${action}-${count}-${pace.max_in_flight}-${pace.stop_at_failures}${toldId(courtesy)}`,
    action,
    title: `${verb} ${count} servers in ${waves} waves${afterOf(courtesy)}, about 4 min`,
    warnings: [],
    items: servers.map(({ user }, index) => ({
      target: user,
      action,
      detail: index < pace.canary_count ? 'first, as a canary' : ''
    })),
    confirm_number: count > 10 ? count : null,
    servers: servers.map(({ user, server_name, state, started }) => ({
      user,
      server_name,
      state,
      started
    })),
    pace,
    courtesy,
    announcement: courtesy.warn_min ? `${count} users read now: …` : '',
    waves,
    about_s: 240
  };
}

const toldId = ({ warn_min }: ICourtesy): string => (warn_min ? `-w${warn_min}` : '');
const afterOf = ({ warn_min }: ICourtesy): string =>
  warn_min ? ` after ${warn_min} min of warning` : '';

export function job(id: string, over: Partial<IJob> = {}): IJob {
  return runningJob({
    id,
    kind: 'servers.control',
    area: 'servers',
    title: 'Restart 43 servers in 5 waves, about 4 min',
    created: new Date().toISOString(),
    progress: {
      done: 21,
      total: 43,
      unit: 'servers',
      message: 'wave 3 of 5, 10 in flight, 20 done, 1 failed, 12 left',
      rate_per_s: 0.2,
      eta_s: 110,
      counts: {
        wave: 3,
        waves: 5,
        in_flight: 10,
        max_in_flight: 10,
        done: 20,
        failed: 1,
        skipped: 0,
        left: 12,
        stop_at_percent: 10
      }
    },
    is_pausable: true,
    owner: 'ada',
    ...over
  });
}

export const ENDED: Partial<IJob> = {
  state: 'failed',
  ended: new Date().toISOString(),
  problem: {
    title: 'The hub refused it',
    detail: 'student-7: the start failed. 1 more failed.',
    hint: 'Read the receipt, mend the cause, and make a new plan for those that failed.'
  },
  receipt: {
    title: 'Restarted 40 of 43 servers',
    items: Array.from({ length: 43 }, (_, index) => ({
      target: `student-${index}`,
      action: 'restart',
      result: index === 7 || index === 8 ? 'failed' : index === 9 ? 'skipped' : 'done',
      detail: index === 7 ? 'the start failed. It was stopped and does not run now' : ''
    })),
    undo: null
  }
};

/** A rollout whose users were told, half a minute before the first of them goes. */
export function toldJob(id: string, counts: Record<string, number> = {}): IJob {
  const before = job(id, { title: 'Restart 43 servers in 5 waves after 5 min of warning' });
  return {
    ...before,
    progress: before.progress && {
      ...before.progress,
      done: 0,
      rate_per_s: null,
      eta_s: null,
      counts: {
        ...before.progress.counts,
        wave: 1,
        in_flight: 0,
        done: 0,
        failed: 0,
        left: 43,
        warned: 43,
        saw: 40,
        saved: 12,
        unsaved: 1,
        wanted_time: 2,
        ready: 3,
        busy: 4,
        restart_at_s: Math.floor(Date.now() / 1000) + 150,
        ...counts
      }
    }
  };
}

/** What the receipt of such a rollout says of each. */
export const TOLD_STORIES = [
  'saw the notice, saved 2 documents',
  'saw the notice, saved, went early, when ready',
  'saw the notice, 1 document could not be saved',
  'saw the notice, the page did not say that it saved',
  'did not see the notice',
  'saw the notice, saved 1 document, was given 10 more minutes',
  'saw the notice, saved 1 document, kernels were busy, waited 4 min'
];

export const TOLD_ENDED: Partial<IJob> = {
  ...toldJob('ended', { left: 0, done: 43 }),
  title: 'Restart 43 servers in 5 waves after 5 min of warning',
  state: 'succeeded',
  ended: new Date().toISOString(),
  receipt: {
    title: 'Restarted 43 servers in 5 waves after 5 min of warning',
    items: Array.from({ length: 43 }, (_, index) => ({
      target: `student-${index}`,
      action: 'restart',
      result: 'done',
      detail: TOLD_STORIES[index % TOLD_STORIES.length]
    })),
    undo: null
  }
};
