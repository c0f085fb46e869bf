/** People, plans and previews as the server sends them. */

import type { IJob } from '../../src/api/types';
import type {
  ICheck,
  IEntry,
  IPerson,
  IPreview,
  IRosterPlan,
  IStep,
  State,
  StepAction
} from '../../src/roster/types';
import { runningJob } from '../jobs';

export const BUDGET = { limit: 50, used: 7, free_at: null };

export function hub(over: Partial<NonNullable<IPerson['hub']>> = {}): IPerson['hub'] {
  return {
    groups: ['participants'],
    servers: [],
    last_activity: '2026-11-23T07:00:00Z',
    tokens: 1,
    is_admin: false,
    is_by_name: false,
    ...over
  };
}

export function person(login: string, over: Partial<IPerson> = {}): IPerson {
  const state: State = over.state ?? 'active';
  const lower = login.toLowerCase();
  return {
    key: over.key ?? `k-${lower || over.email}`,
    name: '',
    email: login ? `${lower}@example.org` : '',
    login,
    github_id: 1000 + login.length,
    team: 'participants',
    note: '',
    state,
    detail: '',
    since: '2026-11-22T09:00:00Z',
    days_left: state === 'invited' ? 3.4 : null,
    flags: [],
    names: {
      login,
      hub: lower,
      container: lower,
      homes: [lower, `${lower}---1a2b3c4d`],
      log: lower
    },
    hub: state === 'active' ? hub() : null,
    is_owner: false,
    is_self: false,
    ...over
  };
}

export function entry(login: string, over: Partial<IEntry> = {}): IEntry {
  return { row: 0, name: '', email: '', login, github_id: null, team: '', note: '', ...over };
}

export function preview(over: Partial<IPreview> = {}): IPreview {
  const entries = over.entries ?? [entry('jane', { row: 2 }), entry('tom', { row: 3 })];
  return {
    filename: 'people.csv',
    format: 'csv',
    columns: [
      { index: 0, title: 'Name', field: 'name', samples: ['Jane Doe', 'Tom Ray'] },
      { index: 1, title: 'GitHub', field: 'login', samples: ['jane', '@tom'] },
      { index: 2, title: '', field: '', samples: [] }
    ],
    problems: [],
    readings: [],
    rows: entries.length + (over.problems?.length ?? 0),
    ...over,
    entries
  };
}

export function step(action: StepAction, login: string, over: Partial<IStep> = {}): IStep {
  return {
    action,
    login,
    email: '',
    team: 'participants',
    reason: '',
    name: '',
    github_id: null,
    row: 0,
    from_team: '',
    invitation_id: null,
    days_left: null,
    suggestions: [],
    ...over
  };
}

export function plan(steps: readonly IStep[], over: Partial<IRosterPlan> = {}): IRosterPlan {
  const counts: IRosterPlan['counts'] = {};
  steps.forEach(({ action }) => (counts[action] = (counts[action] ?? 0) + 1));
  return {
    id: 'plan',
    action: 'change',
    title: `Participants: ${steps.length} people`,
    warnings: [],
    items: steps.map(({ login, email, action, reason }) => ({
      target: login || email,
      action,
      detail: reason
    })),
    confirm_number: null,
    team: 'participants',
    steps: [...steps],
    counts,
    budget: BUDGET,
    queued: 0,
    ...over
  };
}

export function check(id: string, state: ICheck['state'], over: Partial<ICheck> = {}): ICheck {
  return { id, title: `Step ${id}`, state, detail: '', hint: '', link: '', ...over };
}

export function job(id: string, over: Partial<IJob> = {}): IJob {
  return runningJob({
    id,
    kind: 'roster.application',
    area: 'roster',
    title: 'Participants: invite 2',
    created: new Date().toISOString(),
    progress: {
      done: 1,
      total: 2,
      unit: 'people',
      message: '',
      rate_per_s: 1,
      eta_s: 1
    },
    ...over
  });
}
