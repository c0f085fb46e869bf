/** How users are told before their servers go: what is typed, what is sent, what is wrong in it. */

import type { IServer, ServerAction } from '../api/types';
import { wholeOf } from './pace-fields';
import type { ICourtesy } from './types';

const WARN_LIMIT_MIN = 24 * 60;
const MORE_LIMIT_MIN = 240;
export const TEXT_LIMIT = 1000;
/** An open Lab looks for notices once a minute, a hidden one less often. */
const SEEN_BY_ALL_MIN = 3;

/** What the server says where nothing is written; a test holds both to the same words. */
export const DEFAULT_TEXTS: Record<'stop' | 'restart', string> = {
  restart: 'Your server will be restarted. Save your work; it takes about a minute.',
  stop: 'Your server will be stopped. Save your work; you can start it again then.'
};

/** Nobody is told. */
export const UNTOLD: ICourtesy = {
  warn_min: 0,
  text: '',
  may_postpone_min: 0,
  may_go_now: true,
  wait_for_busy_min: 0,
  link: ''
};

/** Enough to finish a thought, short enough at ten to nine. */
export const GENTLE: ICourtesy = {
  ...UNTOLD,
  warn_min: 5,
  may_postpone_min: 10,
  wait_for_busy_min: 15
};

/** Return whether somebody was at work on a server in the last ten minutes. */
function isAtWork({ state, last_activity, idle_since, is_own }: IServer): boolean {
  return state === 'ready' && !is_own && Boolean(last_activity) && !idle_since;
}

/**
 * Return what a plan begins with: a warning where several lose their servers and some are at work.
 * One alone is restarted because somebody asked for it, and wants it now.
 */
export function courtesyFor(
  action: ServerAction,
  servers: readonly IServer[]
): ICourtesy | undefined {
  const others = servers.filter(({ is_own }) => !is_own);
  const isGentle = action !== 'start' && others.length > 1 && others.some(isAtWork);
  return isGentle ? GENTLE : undefined;
}

export interface ICourtesyForm {
  isTold: boolean;
  warn: string;
  postpone: string;
  busy: string;
  mayGoNow: boolean;
  text: string;
  link: string;
}

export type CourtesyFault = Partial<Record<keyof ICourtesyForm, string>>;

/** Return the form of a plan's courtesy; without one, what is proposed once it is switched on. */
export function formOf(courtesy: ICourtesy): ICourtesyForm {
  const isTold = courtesy.warn_min > 0;
  const { warn_min, may_postpone_min, wait_for_busy_min, ...rest } = isTold ? courtesy : GENTLE;
  return {
    isTold,
    warn: String(warn_min),
    postpone: String(may_postpone_min),
    busy: String(wait_for_busy_min),
    mayGoNow: rest.may_go_now,
    text: rest.text,
    link: rest.link
  };
}

/** Return what is wrong, by field; nothing while nobody is told. */
export function faultsOf(form: ICourtesyForm): CourtesyFault {
  if (!form.isTold) {
    return {};
  }
  const faults: CourtesyFault = {};
  if (wholeOf(form.warn, 1, WARN_LIMIT_MIN) === null) {
    faults.warn = `A number of minutes from 1 to ${WARN_LIMIT_MIN}.`;
  }
  for (const name of ['postpone', 'busy'] as const) {
    if (wholeOf(form[name], 0, MORE_LIMIT_MIN) === null) {
      faults[name] = `A number of minutes from 0 to ${MORE_LIMIT_MIN}.`;
    }
  }
  if (form.text.trim().length > TEXT_LIMIT) {
    faults.text = `At most ${TEXT_LIMIT} characters; this has ${form.text.trim().length}.`;
  }
  if (form.link.trim() && !isHttps(form.link.trim())) {
    faults.link = 'The link must begin with https:// and name a site.';
  }
  return faults;
}

function isHttps(link: string): boolean {
  return /^https:\/\/[^\s/]+\S*$/.test(link);
}

/** Return what is sent, or null while something is wrong. */
export function readCourtesy(form: ICourtesyForm): ICourtesy | null {
  if (!form.isTold) {
    return UNTOLD;
  }
  if (Object.keys(faultsOf(form)).length > 0) {
    return null;
  }
  return {
    warn_min: Number(form.warn),
    may_postpone_min: Number(form.postpone),
    wait_for_busy_min: Number(form.busy),
    may_go_now: form.mayGoNow,
    text: form.text.trim(),
    link: form.link.trim()
  };
}

/** Return what the server says is wrong with a courtesy, by field of the form. */
export function faultsFrom(
  errors: readonly { field?: string; message: string }[] = []
): CourtesyFault {
  return Object.fromEntries(
    errors.flatMap(({ field, message }) => {
      const name = FIELDS[field?.replace(/^courtesy\.?/, '') ?? ''];
      return name ? [[name, message.replace(/^Value error, /, '')]] : [];
    })
  );
}

const FIELDS: Readonly<Record<string, keyof ICourtesyForm>> = {
  warn_min: 'warn',
  may_postpone_min: 'postpone',
  wait_for_busy_min: 'busy',
  text: 'text',
  link: 'link'
};

export function isSameCourtesy(a: ICourtesy, b: ICourtesy): boolean {
  return (Object.keys(UNTOLD) as (keyof ICourtesy)[]).every(name => a[name] === b[name]);
}

/** Return what an organiser should know of times that are possible, but not wise. */
export function adviceOf(form: ICourtesyForm): string {
  const warn = wholeOf(form.warn, 1, WARN_LIMIT_MIN);
  return form.isTold && warn !== null && warn < SEEN_BY_ALL_MIN
    ? 'An open Lab looks for notices once a minute: with so little time some see it too late.'
    : '';
}
