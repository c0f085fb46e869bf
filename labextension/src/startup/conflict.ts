/** Two people edited one script: what each wrote, and the ways to go on. Nothing is lost in any. */

import type { Problem } from '../api/problem';
import { type IMerged, mergeTexts } from './merge';
import type { IRevision } from './types';

export interface IConflict {
  base: string;
  theirs: string;
  yours: string;
  /** The revision that was saved meanwhile; null when none is left. */
  head: IRevision | null;
}

export type Resolution = 'merge' | 'mine' | 'theirs';

/** Return the three texts of a refused save, or null when the refusal is about something else. */
export function conflictOf(problem: Problem): IConflict | null {
  const { base, theirs, yours, head } = problem.context;
  const isOurs =
    typeof base === 'string' && typeof theirs === 'string' && typeof yours === 'string';
  if (!problem.isConflict || !isOurs) {
    return null;
  }
  return { base, theirs, yours, head: isRevision(head) ? head : null };
}

/** Return what the merge of both would be. */
export function mergeConflict({ base, yours, theirs }: IConflict): IMerged {
  return mergeTexts(base, yours, theirs);
}

/** Return the text to go on with. */
export function resolve(conflict: IConflict, resolution: Resolution): string {
  switch (resolution) {
    case 'merge':
      return mergeConflict(conflict).text;
    case 'mine':
      return conflict.yours;
    case 'theirs':
      return conflict.theirs;
  }
}

/** "r33, saved by ada" for headings. */
export function spellHead(head: IRevision | null): string {
  return head ? `r${head.number}, by ${head.author}` : 'theirs';
}

function isRevision(value: unknown): value is IRevision {
  return typeof value === 'object' && value !== null && 'number' in value && 'sha256' in value;
}
