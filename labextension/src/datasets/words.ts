/** What this area says about datasets: pure functions. */

import type { IJob } from '../api/types';
import type { IAreaStatus } from '../panel/area';
import { isEnded, isPaused } from '../ui/job-row';
import type { Tone } from '../ui/state-badge';
import { formatCount, plural } from '../ui/time';
import { currentOf } from './model';
import type { ICheck, IDataset, IReceiptCounts, IVersion, ReceiptState, SourceKind } from './types';

/** In the order of the bar: what is well first, what needs a look last. */
export const RECEIPT_STATES: readonly ReceiptState[] = [
  'current',
  'edited',
  'behind',
  'partial',
  'missing'
];

interface IReceiptWords {
  tone: Tone;
  /** "3 students ..." */
  meaning: string;
}

export const RECEIPTS: Record<ReceiptState, IReceiptWords> = {
  current: { tone: 'ok', meaning: 'has the current version, unchanged' },
  edited: { tone: 'info', meaning: 'has a copy with changes of their own, which are kept' },
  behind: {
    tone: 'warn',
    meaning: 'has an earlier version, or none yet; the next start brings the current one'
  },
  partial: { tone: 'error', meaning: 'has only some of the files; the last update did not end' },
  missing: { tone: 'error', meaning: 'does not have it, although their server has started since' }
};

export const SOURCES: Record<SourceKind, string> = {
  drive: 'Google Drive',
  http: 'a web server',
  zenodo: 'Zenodo',
  upload: 'an upload',
  path: 'a path on the hub',
  unknown: 'unknown'
};

/** Return "3 behind, 12 current", what needs a look first; empty when no student has a receipt. */
export function spellReceipts(counts: IReceiptCounts): string {
  return RECEIPT_STATES.filter(state => counts[state] > 0)
    .reverse()
    .map(state => `${formatCount(counts[state])} ${state}`)
    .join(', ');
}

/** Return how many students there is a receipt of. */
export function studentsOf(counts: IReceiptCounts): number {
  return RECEIPT_STATES.reduce((sum, state) => sum + counts[state], 0);
}

export function isGood(check: ICheck): boolean {
  return check.damaged + check.missing + check.added === 0;
}

/** Return "all 12 files as published" or "2 damaged, 1 missing of 12 files". */
export function spellCheck(check: ICheck): string {
  if (isGood(check)) {
    return check.files === 1
      ? 'its file is as published'
      : `all ${formatCount(check.files)} files as published`;
  }
  const words = [
    check.damaged > 0 && `${formatCount(check.damaged)} damaged`,
    check.missing > 0 && `${formatCount(check.missing)} missing`,
    check.added > 0 && `${formatCount(check.added)} that nobody published`
  ];
  return `${words.filter(Boolean).join(', ')}; ${plural(check.files, 'file')} in the manifest`;
}

/** How far the content of a version can be trusted, in a word or two. */
export function trustOf(version: IVersion): { tone: Tone; word: string; title: string } {
  const { last_check: check, verified_with: algorithm } = version;
  if (check && !isGood(check)) {
    return { tone: 'error', word: 'not as published', title: spellCheck(check) };
  }
  if (algorithm) {
    return {
      tone: 'ok',
      word: 'verified',
      title: `The source published a checksum (${algorithm}), and what was fetched matches it.`
    };
  }
  return {
    tone: 'info',
    word: 'unverified against source',
    title:
      'The source published no checksum, so nobody can say whether the file was cut or changed on the way. Since then it is watched by its SHA-256.'
  };
}

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const RESERVED = ['probes', 'plans', 'applications', 'uploads', 'receipts', 'space'];

/** Return what is wrong with a dataset's name; empty if it can be used. */
export function faultOfName(name: string): string {
  if (!name) {
    return 'Give the dataset a name.';
  }
  if (name.length > 64) {
    return `At most 64 characters; these are ${name.length}.`;
  }
  if (!NAME.test(name)) {
    return /^[A-Za-z0-9]/.test(name)
      ? 'Only letters, digits, dot, hyphen and underscore: it becomes a folder that everybody types.'
      : 'Begin with a letter or a digit.';
  }
  return RESERVED.includes(name.toLowerCase())
    ? `“${name}” has a meaning here already; take another.`
    : '';
}

const DIGITS: Record<string, number> = { md5: 32, sha1: 40, sha256: 64, sha512: 128 };

/** Return what is wrong with a checksum that somebody expects; empty if there is none or it is fine. */
export function faultOfChecksum(text: string): string {
  const [, algorithm, hex] = /^(?:([a-z0-9-]+)\s*:)?\s*([0-9a-f]+)$/i.exec(text.trim()) ?? [];
  if (!text.trim()) {
    return '';
  }
  const name = algorithm?.toLowerCase().replaceAll('-', '');
  const isFine = hex && (name ? DIGITS[name] : findLength(hex)) === hex.length;
  return isFine ? '' : 'Write it as sha256:<64 hex digits>; md5, sha1 and sha512 are known too.';
}

function findLength(hex: string): number | undefined {
  return Object.values(DIGITS).find(length => length === hex.length);
}

/** Return the area's line in the sidebar. */
export function statusOf(datasets: readonly IDataset[], jobs: readonly IJob[]): IAreaStatus {
  const active = jobs.filter(job => !isEnded(job));
  const paused = active.filter(job => isPaused(job) && job.problem).length;
  const damaged = datasets.filter(dataset => {
    const check = currentOf(dataset)?.last_check;
    return check && !isGood(check);
  });
  if (damaged.length > 0) {
    const what = damaged.length === 1 ? damaged[0].name : plural(damaged.length, 'dataset');
    return { text: `${what} not as published`, tone: 'error' };
  }
  if (paused > 0) {
    return { text: `${plural(paused, 'job')} paused and waiting`, tone: 'warn' };
  }
  if (active.length > 0) {
    return { text: `${plural(active.length, 'job')} at work` };
  }
  const managed = datasets.filter(dataset => dataset.is_managed && dataset.current);
  return {
    text: [plural(managed.length, 'dataset'), spellBehind(managed)].filter(Boolean).join(', ')
  };
}

function spellBehind(datasets: readonly IDataset[]): string {
  const behind = datasets.filter(({ receipts }) => receipts.behind > 0);
  if (behind.length === 0) {
    return '';
  }
  // One student may be behind on several; only for one dataset the number is one of students.
  return behind.length === 1
    ? `${plural(behind[0].receipts.behind, 'student')} behind on ${behind[0].name}`
    : `students behind on ${formatCount(behind.length)} of them`;
}
