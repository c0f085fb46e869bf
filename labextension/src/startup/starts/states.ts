/** States of starts and of scripts in words: what an organiser says, and how bad it is. */

import type { Tone } from '../../ui/state-badge';
import type { IScriptStart, IStart, StartState } from '../types';

export interface IStateWords {
  tone: Tone;
  word: string;
  /** What it means and what to look at; the tooltip. */
  meaning: string;
}

/** In the order in which the chips stand: what hurts most first. */
export const START_STATES: Readonly<Record<StartState, IStateWords>> = {
  failed: {
    tone: 'error',
    word: 'failed',
    meaning: 'A script ended with a fault; the server started all the same.'
  },
  'timed-out': {
    tone: 'error',
    word: 'timed out',
    meaning: 'A script ran longer than its limit and was stopped.'
  },
  'sick-mount': {
    tone: 'error',
    word: 'sick mount',
    meaning: 'A mounted folder did not answer in time.'
  },
  unreadable: { tone: 'error', word: 'unreadable', meaning: 'A script could not be read.' },
  missing: {
    tone: 'warn',
    word: 'script missing',
    meaning: 'A script was not there, so it did not run.'
  },
  'empty-log': {
    tone: 'warn',
    word: 'empty log',
    meaning: 'A script left no trace: it is not executable, empty, or has Windows line ends.'
  },
  'old-revision': {
    tone: 'warn',
    word: 'old revision',
    meaning: 'Started with a text that is not live any more.'
  },
  unknown: {
    tone: 'idle',
    word: 'unknown',
    meaning: 'There is a log, but it does not say how the start ended.'
  },
  'never-started': {
    tone: 'idle',
    word: 'never started',
    meaning: 'No start of this user is known.'
  },
  ok: { tone: 'ok', word: 'ok', meaning: 'Both scripts ended well.' }
};

type ScriptState = IScriptStart['state'];

export const SCRIPT_STATES: Readonly<Record<ScriptState, IStateWords>> = {
  ok: { tone: 'ok', word: 'ok', meaning: 'It ended well.' },
  failed: { tone: 'error', word: 'failed', meaning: 'It ended with an exit code that is not 0.' },
  killed: { tone: 'error', word: 'killed', meaning: 'A signal ended it.' },
  'timed-out': {
    tone: 'error',
    word: 'timed out',
    meaning: 'It ran longer than its limit and was stopped.'
  },
  empty: { tone: 'warn', word: 'empty', meaning: 'The file holds no text.' },
  'not-executable': {
    tone: 'warn',
    word: 'not executable',
    meaning: 'The execute bit is missing, so it did not run.'
  },
  missing: { tone: 'warn', word: 'missing', meaning: 'The file was not there.' },
  unreadable: { tone: 'error', word: 'unreadable', meaning: 'The file could not be read.' },
  'sick-mount': {
    tone: 'error',
    word: 'sick mount',
    meaning: 'A mounted folder did not answer in time.'
  },
  skipped: { tone: 'warn', word: 'skipped', meaning: 'It was not run.' },
  'empty-log': { tone: 'warn', word: 'empty log', meaning: 'It left no trace.' },
  unknown: { tone: 'idle', word: 'unknown', meaning: 'Its log does not say how it ended.' }
};

/** Return how a script ended: "exit code 127", "signal 9"; empty when that is not known or 0. */
export function spellEnding(part: Pick<IScriptStart, 'exit_code' | 'signal'>): string {
  if (part.signal !== null && part.signal !== undefined) {
    return `signal ${part.signal}`;
  }
  return part.exit_code ? `exit code ${part.exit_code}` : '';
}

/** Return how a start ended beyond its state: "as-user.sh: no such command (exit code 127)". */
export function spellFault(
  start: Pick<IStart, 'script' | 'error' | 'exit_code' | 'signal'>
): string {
  const { script, error } = start;
  const what =
    script && error
      ? `${script}${error.startsWith('line ') ? ' ' : ': '}${error}`
      : script || error;
  const ending = spellEnding(start);
  return ending && !what.includes(ending) ? `${what} (${ending})` : what;
}

/** Return the revisions that ran: "r14, r31", or what is known instead. */
export function spellRevisions(start: IStart): string {
  if (start.candidate) {
    return `candidate ${start.candidate.slice(0, 7)}`;
  }
  return start.scripts
    .map(({ name, revision, sha256 }) => {
      const text = revision ? `r${revision}` : sha256.slice(0, 7);
      return text && `${name === 'as-root.sh' ? 'root' : 'user'} ${text}`;
    })
    .filter(Boolean)
    .join(', ');
}

/** Return an image as a table can show it: tag and the end of the digest. */
export function spellImage({
  image,
  image_digest
}: Pick<IStart, 'image' | 'image_digest'>): string {
  const tag = image.split('/').pop() ?? '';
  return [tag, image_digest && `…${image_digest.slice(-5)}`].filter(Boolean).join(' ');
}

/** Return the datasets that a start left: "catalogue v3, moons v1 (edited)". */
export function spellData({ data }: Pick<IStart, 'data'>): string {
  return data
    .map(({ name, version, state }) =>
      [name, version, state !== 'current' && `(${state})`].filter(Boolean).join(' ')
    )
    .join(', ');
}
