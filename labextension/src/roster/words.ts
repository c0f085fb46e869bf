/** What this area says about people: pure functions. */

import type { Tone } from '../ui/state-badge';
import { formatCount, formatMinute, formatSpan, plural } from '../ui/time';
import type { Flag, IBudget, IPerson, IRosterPlan, State, StepAction } from './types';

interface IStateWords {
  tone: Tone;
  word: string;
  meaning: string;
}

const DAY_S = 86_400;
const SOON_DAYS = 1.5;

/** In the order of the chips: who is in, who is on the way, who needs a look. */
export const STATES: Record<State, IStateWords> = {
  active: { tone: 'ok', word: 'active', meaning: 'In the team' },
  invited: { tone: 'info', word: 'invited', meaning: 'Invited, has not accepted yet' },
  expired: { tone: 'warn', word: 'expired', meaning: 'Did not accept within seven days' },
  failed: {
    tone: 'error',
    word: 'failed',
    meaning: 'GitHub could not deliver the invitation'
  },
  queued: {
    tone: 'busy',
    word: 'queued',
    meaning: 'The invitation waits until GitHub lets us send more'
  },
  absent: {
    tone: 'idle',
    word: 'not invited',
    meaning: 'On the roster, neither in the team nor invited'
  },
  left: { tone: 'warn', word: 'left', meaning: 'Was in the team and left without us' },
  removed: { tone: 'idle', word: 'removed', meaning: 'Was taken out of the team here' },
  unknown: { tone: 'error', word: 'unknown login', meaning: 'GitHub knows no such user' },
  blocked: { tone: 'error', word: 'blocked', meaning: 'The organization blocks this user' },
  unlisted: {
    tone: 'warn',
    word: 'not on the roster',
    meaning: 'In the team, but on no list that was imported'
  }
};

export const STATE_NAMES = Object.keys(STATES) as State[];

interface IFlagWords {
  tone: Tone;
  word: string;
  meaning: string;
}

export const FLAGS: Record<Flag, IFlagWords> = {
  never_logged_in: {
    tone: 'warn',
    word: 'never logged in',
    meaning: 'In the team, but the hub has never seen them'
  },
  no_team: { tone: 'warn', word: 'no team', meaning: 'The hub knows this user, no team has them' },
  no_admins_team: {
    tone: 'error',
    word: 'admin without the team',
    meaning: 'Admin at the hub without being in the admins’ team'
  },
  still_running: {
    tone: 'error',
    word: 'server still runs',
    meaning: 'Removed, and a server of theirs still runs'
  },
  still_has_tokens: {
    tone: 'error',
    word: 'token still live',
    meaning: 'Removed, and a token of theirs still opens the hub'
  },
  still_at_hub: {
    tone: 'warn',
    word: 'still at the hub',
    meaning: 'Removed, and the hub still has the user; an open browser session goes on'
  },
  renamed: { tone: 'info', word: 'renamed', meaning: 'Has another login at GitHub now' },
  name_taken_over: {
    tone: 'error',
    word: 'login taken over',
    meaning: 'This login belongs to another account now'
  },
  two_logins: { tone: 'warn', word: 'two logins', meaning: 'The same person stands here twice' },
  wrong_team: {
    tone: 'warn',
    word: 'another team',
    meaning: 'In another team than the roster says'
  }
};

/** Return how long an invitation can still be accepted: "3 d left", "5 h left". */
export function spellLeft(days: number): string {
  return days <= 0
    ? 'ends now'
    : `${formatSpan(Math.max(60, days * DAY_S))
        .split(' ')
        .slice(0, 2)
        .join(' ')} left`;
}

/** Return a person's state as it is drawn. */
export function stateOf(person: Pick<IPerson, 'state' | 'days_left' | 'detail'>): {
  tone: Tone;
  word: string;
  title: string;
} {
  const { tone, word, meaning } = STATES[person.state];
  const { days_left: days, detail } = person;
  const title = detail || meaning;
  if (person.state !== 'invited' || days === null || days === undefined) {
    return { tone, word, title };
  }
  return { tone: days < SOON_DAYS ? 'warn' : tone, word: `${word}, ${spellLeft(days)}`, title };
}

/** What one calls somebody: the name, or what there is. */
export function callOf(person: Pick<IPerson, 'name' | 'login' | 'email' | 'key'>): string {
  return person.name || person.login || person.email || person.key;
}

/** What GitHub is asked by: the login, or without one the address. */
export function targetOf(person: Pick<IPerson, 'login' | 'email'>): string {
  return person.login || person.email;
}

/** How somebody stands at the hub, as text that also sorts: "running", a time, "never logged in". */
export function hubOf(person: IPerson): string {
  const { hub, flags } = person;
  if (!hub) {
    return flags.includes('never_logged_in') ? 'never logged in' : '';
  }
  if (hub.servers.length > 0) {
    return hub.servers.length === 1 ? 'running' : `${hub.servers.length} running`;
  }
  return hub.last_activity ?? 'never logged in';
}

interface IActionWords {
  tone: Tone;
  /** "43 ..." */
  one: string;
  many: string;
}

/** In the order of a plan: what changes, what needs a look, what stays. */
export const ACTIONS: Record<StepAction, IActionWords> = {
  remove: { tone: 'error', one: 'is removed', many: 'are removed' },
  move: { tone: 'info', one: 'moves here from another team', many: 'move here from another team' },
  expired: {
    tone: 'warn',
    one: 'gets a new invitation, the last one ran out',
    many: 'get a new invitation, the last one ran out'
  },
  invite: { tone: 'info', one: 'gets an invitation', many: 'get an invitation' },
  add: { tone: 'ok', one: 'joins at once', many: 'join at once' },
  unknown: {
    tone: 'error',
    one: 'is unknown at GitHub and left alone',
    many: 'are unknown at GitHub and left alone'
  },
  blocked: {
    tone: 'error',
    one: 'is blocked by the organization and left alone',
    many: 'are blocked by the organization and left alone'
  },
  left: {
    tone: 'warn',
    one: 'left without us and is left alone',
    many: 'left without us and are left alone'
  },
  pending: { tone: 'idle', one: 'is invited already', many: 'are invited already' },
  none: { tone: 'idle', one: 'is in the team already', many: 'are in the team already' }
};

export const ACTION_NAMES = Object.keys(ACTIONS) as StepAction[];

const VERBS: Partial<Record<StepAction, string>> = {
  invite: 'invite',
  expired: 're-invite',
  add: 'add',
  move: 'move',
  remove: 'remove'
};

/** Return how many people a plan changes something for. */
export function changesOf(plan: IRosterPlan): number {
  return (Object.keys(VERBS) as StepAction[]).reduce(
    (sum, action) => sum + (plan.counts[action] ?? 0),
    0
  );
}

/** Return what the button says: "Invite 43, add 12"; with one person, who: "Re-invite jane-doe". */
export function labelOf(plan: IRosterPlan): string {
  const words = (Object.keys(VERBS) as StepAction[])
    .filter(action => (plan.counts[action] ?? 0) > 0)
    .map(action => {
      const [first, ...others] = plan.steps.filter(step => step.action === action);
      const who = first && others.length === 0 ? first.login || first.email : '';
      return `${VERBS[action]} ${changesOf(plan) === 1 && who ? who : formatCount(plan.counts[action] ?? 0)}`;
    });
  const text = words.join(', ') || 'change nothing';
  return text[0].toUpperCase() + text.slice(1);
}

/** Return the budget in a sentence; empty for a plan that invites nobody. */
export function spellBudget(plan: IRosterPlan): string {
  const invitations = (plan.counts.invite ?? 0) + (plan.counts.expired ?? 0);
  if (invitations === 0) {
    return '';
  }
  const used = spellUsed(plan.budget);
  if (plan.queued === 0) {
    return `${used}; this plan sends ${formatCount(invitations)} more.`;
  }
  const now = invitations - plan.queued;
  const until = plan.budget.free_at ? ` until ${formatMinute(new Date(plan.budget.free_at))}` : '';
  const rest = `${formatCount(plan.queued)} wait${plan.queued === 1 ? 's' : ''}${until} and ${plan.queued === 1 ? 'is' : 'are'} then sent without you`;
  return `${used}; ${now > 0 ? `${formatCount(now)} of these go now, ` : ''}${rest}.`;
}

export function spellUsed({ used, limit }: IBudget): string {
  return `${formatCount(used)} of ${plural(limit, 'invitation')} used in the last 24 h`;
}
