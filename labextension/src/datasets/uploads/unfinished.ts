/** What the server has of files that this page does not know: left by an earlier one. */

import { batchTotal } from './batch';
import type { IServerUpload, IUnfinishedUpload } from './types';

/**
 * Return one row for each single file and for each batch, newest first. `known` are batches and ids
 * that stand in the queue.
 */
export function unfinishedOf(
  uploads: readonly IServerUpload[],
  known: ReadonlySet<string>
): IUnfinishedUpload[] {
  const groups = new Map<string, IServerUpload[]>();
  for (const upload of uploads) {
    if (!known.has(upload.id) && !known.has(upload.batch)) {
      const key = upload.batch || upload.id;
      groups.set(key, [...(groups.get(key) ?? []), upload]);
    }
  }
  return [...groups.values()].map(rowOf);
}

/** Return what names a place in a batch. */
export function placeOf(upload: Pick<IServerUpload, 'relative_path' | 'file_name'>): string {
  return upload.relative_path || upload.file_name;
}

function rowOf(group: readonly IServerUpload[]): IUnfinishedUpload {
  const [newest] = group;
  const best = bestByPlace(group);
  const total = batchTotal(newest.batch) ?? {
    files: best.length,
    size_bytes: sum(best, 'size_bytes')
  };
  const isFolder = total.files > 1 || Boolean(newest.relative_path);
  const isComplete = best.length === total.files && best.every(upload => upload.is_complete);
  const link = isFolder ? `upload:batch:${newest.batch}` : `upload:${best[0].id}`;
  return {
    id: isFolder ? newest.batch : best[0].id,
    name: isFolder ? folderName(best, total.files) : newest.file_name,
    relativePath: newest.relative_path,
    batch: newest.batch,
    size_bytes: total.size_bytes,
    offset_bytes: sum(best, 'offset_bytes'),
    created: newest.created,
    created_by: newest.created_by,
    isComplete,
    link: isComplete ? link : ''
  };
}

/** Return one upload for each place: of two tries the one that came further. */
export function bestByPlace(uploads: readonly IServerUpload[]): IServerUpload[] {
  const best = new Map<string, IServerUpload>();
  for (const upload of uploads) {
    const other = best.get(placeOf(upload));
    if (!other || upload.offset_bytes > other.offset_bytes) {
      best.set(placeOf(upload), upload);
    }
  }
  return [...best.values()];
}

function folderName(uploads: readonly IServerUpload[], files: number): string {
  const tops = new Set(uploads.map(upload => upload.relative_path.split('/')[0]));
  const [top] = tops;
  return tops.size === 1 && top ? top : `${files} files`;
}

function sum(uploads: readonly IServerUpload[], key: 'size_bytes' | 'offset_bytes'): number {
  return uploads.reduce((total, upload) => total + upload[key], 0);
}
