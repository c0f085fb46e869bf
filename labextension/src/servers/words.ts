/** What the last start left of a server, in words. */

import type { IServer } from '../api/types';
import type { Tone } from '../ui/state-badge';

interface IWord {
  tone: Tone;
  word: string;
}

/** In the order in which the chips stand: what hurts most first. */
const RESULTS: Readonly<Record<string, IWord>> = {
  failed: { tone: 'error', word: 'start failed' },
  'timed-out': { tone: 'error', word: 'timed out' },
  'sick-mount': { tone: 'error', word: 'sick mount' },
  unreadable: { tone: 'error', word: 'script unreadable' },
  missing: { tone: 'warn', word: 'script missing' },
  'empty-log': { tone: 'warn', word: 'empty log' },
  'old-revision': { tone: 'warn', word: 'old revision' },
  unknown: { tone: 'idle', word: 'unknown' },
  'never-started': { tone: 'idle', word: 'never started' },
  ok: { tone: 'ok', word: 'start ok' }
};

export const RESULT_NAMES = Object.keys(RESULTS);

/** Return how a start went; a state that is newer than this panel is shown as it is called. */
export function resultOf(state: string): IWord {
  return Object.hasOwn(RESULTS, state) ? RESULTS[state] : { tone: 'info', word: state };
}

/** Return an image as a table can show it: name and tag, and the end of the digest. */
export function spellImage(image: string | null, digest?: string | null): string {
  const name = image?.split('/').pop() ?? '';
  return [name, digest && `…${digest.slice(-5)}`].filter(Boolean).join(' ');
}

/** Return the revisions that ran: "root r14, user r31"; a text without history is "own text". */
export function spellScripts({ scripts }: Pick<IServer, 'scripts'>): string {
  return Object.entries(scripts ?? {})
    .map(([name, revision]) => {
      const short = name.replace(/^as-/, '').replace(/\.sh$/, '');
      return `${short} ${revision === null ? 'own text' : `r${revision}`}`;
    })
    .join(', ');
}

/** Return those datasets that are not as they were published. */
export function behindOf({ data }: Pick<IServer, 'data'>): NonNullable<IServer['data']> {
  return (data ?? []).filter(({ state }) => state !== 'current');
}

/** Return the datasets in a cell: "3 current", "catalogue behind". */
export function spellData(server: Pick<IServer, 'data'>): string {
  const all = server.data ?? [];
  const odd = behindOf(server);
  if (odd.length === 0) {
    return all.length === 0 ? '' : `${all.length} current`;
  }
  return odd.map(({ name, state }) => `${name} ${state}`).join(', ');
}
