/**
 * The name of a batch: the same for the same files of the same person, so that choosing them again
 * after a reload, or in another browser, finds what the server has of them.
 */

import type { IChosenFile } from './types';

const BATCH = /-(\d+)-(\d+)$/;

/** Return `<hash>-<files>-<bytes>`; the server can tell from it whether all have arrived. */
export function batchOf(files: readonly IChosenFile[], login: string): string {
  const lines = files.map(({ file, relativePath }) =>
    [relativePath || file.name, file.size, file.lastModified].join('\n')
  );
  const bytes = files.reduce((sum, { file }) => sum + file.size, 0);
  return `${hash([login, ...lines.sort()].join('\n\n'))}-${files.length}-${bytes}`;
}

/** Return how many files and bytes a batch has, null if its name does not say. */
export function batchTotal(batch: string): { files: number; size_bytes: number } | null {
  const found = BATCH.exec(batch);
  return found && { files: Number(found[1]), size_bytes: Number(found[2]) };
}

/** 128 bits that tell texts apart; no secret, and it must work without `crypto.subtle`. */
function hash(text: string): string {
  const lanes = [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344];
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    for (let lane = 0; lane < 4; lane++) {
      const mixed = Math.imul(lanes[lane] ^ code, 0x9e3779b1 + 2 * lane);
      lanes[lane] = mixed ^ (mixed >>> 15) ^ lanes[(lane + 3) % 4];
    }
  }
  return lanes.map(lane => (lane >>> 0).toString(16).padStart(8, '0')).join('');
}
