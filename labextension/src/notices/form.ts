/** What the form of a notice holds, and what the server is told. */

import type { INoticeDraft } from './types';

/** A toast is cut after so many characters. */
export const TOAST_LIMIT = 140;

export interface INoticeForm {
  text: string;
  kind: 'bar' | 'toast';
  level: 'info' | 'warning';
  /** As the browser's field has it: local time without a zone. */
  until: string;
  link: string;
  groups: readonly string[];
  /** Names separated by commas or spaces. */
  users: string;
}

export const EMPTY: INoticeForm = {
  text: '',
  kind: 'bar',
  level: 'info',
  until: '',
  link: '',
  groups: [],
  users: ''
};

/** Return why this cannot be shown to students, or nothing. */
export function faultOf(form: INoticeForm, now = new Date()): string {
  if (!form.text.trim()) {
    return 'Write what students shall read.';
  }
  if (form.kind === 'toast' && form.text.length > TOAST_LIMIT) {
    return `A toast has at most ${TOAST_LIMIT} characters; this has ${form.text.length}.`;
  }
  if (form.link && !/^https:\/\/[^\s/]+/.test(form.link)) {
    return 'The link must begin with https://.';
  }
  if (form.until && new Date(form.until) <= now) {
    return 'The time until which it is shown has passed.';
  }
  return '';
}

/** Return the names of single users. */
export function usersOf(form: INoticeForm): string[] {
  return form.users
    .toLowerCase()
    .split(/[\s,;]+/)
    .filter(Boolean);
}

/** Return what is sent. */
export function toDraft(form: INoticeForm): Partial<INoticeDraft> {
  return {
    text: form.text.trim(),
    kind: form.kind,
    level: form.level,
    link: form.link,
    until: form.until ? new Date(form.until).toISOString() : null,
    audience: { groups: [...form.groups], users: usersOf(form), servers: [] }
  };
}

/** Return the button's words: a verb with whom it is for. */
export function labelOf(form: INoticeForm): string {
  const users = usersOf(form);
  const who = [...form.groups, ...users];
  if (who.length === 0) {
    return 'Show it to everybody';
  }
  return who.length <= 2
    ? `Show it to ${who.join(' and ')}`
    : `Show it to ${form.groups.length ? `${form.groups.join(', ')} and ` : ''}${users.length} users`;
}
