/** Images and moves of the tag, in rows and in words. */

import { formatBytes } from '../ui/bytes';
import type { Tone } from '../ui/state-badge';
import { plural } from '../ui/time';
import type { IGate, IImage, IImages, IMove, ITimeline } from './types';

const SHORT = 'sha256:'.length + 12;

export interface IWord {
  tone: Tone;
  word: string;
  title?: string;
}

/** Return a digest as people compare them, and as the server's own sentences have it. */
export function shortOf(digest: string): string {
  return digest ? digest.slice(0, SHORT) : 'nothing';
}

/** One image: several tags may name it. */
export interface IImageRow {
  digest: string;
  /** The name one would call it by comes first. */
  tags: readonly string[];
  image: IImage | null;
  gate: IGate;
  /** Why it cannot be read. */
  problem: string;
  isLive: boolean;
  /** When the tag went on to something else; null if it never named this one. */
  leftAt: string | null;
  /** How many run it; null where that is not known. */
  servers: number | null;
}

/** Return what a row is called: its best tag, or its digest. */
export function nameOf({ tags, digest }: Pick<IImageRow, 'tags' | 'digest'>): string {
  return tags[0] ?? shortOf(digest);
}

/** Return one row for each digest, in the server's order: the newest image first. */
export function imageRows(images: IImages, timeline: ITimeline | null): IImageRow[] {
  const left = leftBy(timeline?.moves ?? []);
  const counts = serversBy(timeline);
  const rows = new Map<string, IImageRow & { tags: string[] }>();
  for (const tag of images.tags) {
    const known = rows.get(tag.digest);
    if (known) {
      known.tags.push(tag.name);
      continue;
    }
    rows.set(tag.digest, {
      digest: tag.digest,
      tags: [tag.name],
      image: tag.image,
      gate: tag.gate,
      problem: tag.problem,
      isLive: tag.is_live,
      leftAt: tag.is_live ? null : (left.get(tag.digest) ?? null),
      servers: counts && (counts.get(tag.digest) ?? 0)
    });
  }
  return [...rows.values()].map(row => ({ ...row, tags: bestFirst(row.tags, images.tag) }));
}

/** The tag that all get, and those that keep what it named, say least about an image. */
function bestFirst(tags: readonly string[], live: string): string[] {
  const rank = (tag: string): number => (tag === live ? 1 : isKept(tag, live) ? 2 : 0);
  return [...tags].sort((a, b) => rank(a) - rank(b));
}

function isKept(tag: string, live: string): boolean {
  return tag.startsWith(`${live}-`) && /^[0-9a-f]{12}$/.test(tag.slice(live.length + 1));
}

/** Return when the tag left each digest last. */
function leftBy(moves: readonly IMove[]): Map<string, string> {
  const left = new Map<string, string>();
  for (const move of moves) {
    const hasMoved = move.state === 'done' || move.state === 'unclear';
    if (hasMoved && move.from_digest && !left.has(move.from_digest)) {
      left.set(move.from_digest, move.time);
    }
  }
  return left;
}

/**
 * Return the digest that a roll-back goes to when none is named: what the last move replaced. Empty
 * if there was none, and after a roll-back: the one before is what that took away.
 */
export function previousOf(timeline: ITimeline): string {
  if (lastRollBack(timeline)) {
    return '';
  }
  return [...leftBy(timeline.moves).keys()].find(before => before !== timeline.digest) ?? '';
}

/** Return the roll-back by which the tag came to what it names now, if it was one. */
export function lastRollBack({ moves, digest }: ITimeline): IMove | null {
  const last = moves.find(({ state }) => state === 'done' || state === 'unclear');
  return last?.action === 'roll-back' && last.end_digest === digest ? last : null;
}

function serversBy(timeline: ITimeline | null): Map<string, number> | null {
  return timeline && knowsServers(timeline)
    ? new Map(timeline.usage.map(({ digest, servers }) => [digest, servers]))
    : null;
}

/** Return whether it is known which servers run; without a hub it is not. */
export function knowsServers({ usage, unknown }: ITimeline): boolean {
  return usage.length > 0 || unknown > 0;
}

/** Return how the checks of an image stand. */
export function gateWord(gate: IGate): IWord {
  const title = gate.sentence;
  if (gate.state === 'failed') {
    return { tone: 'error', word: `${gate.failed.join(', ')} failed`, title };
  }
  return gate.state === 'passed'
    ? { tone: 'ok', word: 'passed', title }
    : { tone: 'warn', word: 'not checked', title };
}

/** Return what a row is to students: what they get, what they had. */
export function placeWord({ isLive, leftAt, problem }: IImageRow): IWord | null {
  if (isLive) {
    return { tone: 'ok', word: 'students get it' };
  }
  if (problem) {
    return { tone: 'error', word: 'not readable', title: problem };
  }
  return leftAt ? { tone: 'info', word: 'had before' } : null;
}

const DONE: Record<IMove['action'], IWord> = {
  promote: { tone: 'ok', word: 'promoted' },
  'roll-back': { tone: 'info', word: 'rolled back' },
  found: { tone: 'warn', word: 'moved elsewhere' }
};

/** Return what a move did. */
export function moveWord(move: IMove): IWord {
  switch (move.state) {
    case 'pending':
      return { tone: 'busy', word: 'under way' };
    case 'not-moved':
      return { tone: 'warn', word: 'not moved', title: move.detail };
    case 'unclear':
      return { tone: 'error', word: 'unclear', title: move.detail };
    case 'done':
      if (move.action === 'found' && !move.from_digest) {
        return { tone: 'idle', word: 'first seen' };
      }
      return move.action === 'found' && !move.to_digest
        ? { tone: 'warn', word: 'tag deleted' }
        : DONE[move.action];
  }
}

/** Return who made a move: of one that was found nobody knows. */
export function authorOf({ author }: IMove): string {
  return author || 'somebody';
}

/** Return why, with what was overridden: the reason to pass the checks stays in view. */
export function reasonOf({ reason, force_reason: force }: IMove): string {
  return force ? `${reason} · past its checks: ${force}` : reason;
}

/** Return "120 MB more", "2 MB less", or that there is no difference. */
export function spellGrowth(bytes: number): string {
  if (bytes === 0) {
    return 'as large';
  }
  return `${formatBytes(Math.abs(bytes))} ${bytes > 0 ? 'more' : 'less'}`;
}

/** Return one line for the sidebar. */
export function statusOf(timeline: ITimeline): { text: string; tone?: 'error' | 'warn' } {
  const { tag, digest, stale, moves } = timeline;
  if (!digest) {
    return { text: `no tag ${tag} yet`, tone: 'warn' };
  }
  if (moves[0]?.state === 'unclear') {
    return { text: `${tag}: the last move is unclear`, tone: 'error' };
  }
  const others = stale > 0 ? `; ${plural(stale, 'server')} on another` : '';
  return { text: `${tag} is ${shortOf(digest)}${others}` };
}
