/** Servers, plans and jobs as the server sends them. */

import type { IJob, IServer } from '../../src/api/types';
import type { IPace, IQuestion, IServerPlan } from '../../src/servers/types';

export const OLD = `sha256:${'0'.repeat(59)}a41f0`;
export const NEW = `sha256:${'1'.repeat(59)}b52e1`;
const UNTOLD: IServerPlan['courtesy'] = {
  warn_min: 0,
  text: '',
  may_postpone_min: 0,
  may_go_now: true,
  wait_for_busy_min: 0,
  link: ''
};

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
  const { action, pace = PACE } = question;
  const count = servers.length;
  const waves = count < 2 ? 1 : 1 + Math.ceil((count - pace.canary_count) / pace.max_in_flight);
  const verb = action[0].toUpperCase() + action.slice(1);
  return {
    id: `p-${action}-${count}-${pace.max_in_flight}-${pace.stop_at_failures}`,
    action,
    title: `${verb} ${count} servers in ${waves} waves, about 4 min`,
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
    courtesy: UNTOLD,
    announcement: '',
    waves,
    about_s: 240
  };
}

export function job(id: string, over: Partial<IJob> = {}): IJob {
  return {
    id,
    kind: 'servers.control',
    area: 'servers',
    title: 'Restart 43 servers in 5 waves, about 4 min',
    subject: '',
    state: 'running',
    created: new Date().toISOString(),
    created_by: 'ada',
    started: new Date().toISOString(),
    ended: null,
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
        left: 12
      }
    },
    problem: null,
    receipt: null,
    is_cancellable: true,
    is_cancel_asked: false,
    is_pausable: true,
    is_paused: false,
    owner: 'ada',
    times_taken_over: 0,
    ...over
  };
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
