/** Where a text stands in a log. */

export interface IHit {
  /** Index of the piece, and where in it. */
  piece: number;
  start: number;
  length: number;
}

/** More hits than this say nothing any more. */
export const HITS_LIMIT = 10_000;

/** Of more hits than this only those near the current one are marked. */
export const MARKED_LIMIT = 1_000;
const NEAR_PIECES = 3;

/** Return the hits of each piece that are marked. */
export function hitsToMark(hits: readonly IHit[], current: number): Map<number, IHit[]> {
  const found = new Map<number, IHit[]>();
  const at = hits[current]?.piece ?? 0;
  for (const hit of hits) {
    if (hits.length > MARKED_LIMIT && Math.abs(hit.piece - at) > NEAR_PIECES) {
      continue;
    }
    const known = found.get(hit.piece);
    if (known) {
      known.push(hit);
    } else {
      found.set(hit.piece, [hit]);
    }
  }
  return found;
}

/** Return where `query` stands, in any case; nothing for an empty one. */
export function findHits(pieces: readonly string[], query: string): IHit[] {
  if (!query) {
    return [];
  }
  const wanted = new RegExp(query.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'), 'gi');
  const hits: IHit[] = [];
  for (const [piece, text] of pieces.entries()) {
    for (const match of text.matchAll(wanted)) {
      if (hits.length === HITS_LIMIT) {
        return hits;
      }
      hits.push({ piece, start: match.index, length: match[0].length });
    }
  }
  return hits;
}

/** Return the index of the hit one goes to from `current`; the last follows on the first. */
export function stepTo(current: number, count: number, step: 1 | -1): number {
  return count === 0 ? 0 : (current + step + count) % count;
}
