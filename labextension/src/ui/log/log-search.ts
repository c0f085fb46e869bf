/** Where a text stands in a log. */

export interface IHit {
  /** Index of the piece, and where in it. */
  piece: number;
  start: number;
  length: number;
}

/** More hits than this say nothing any more. */
export const HITS_LIMIT = 10_000;

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
