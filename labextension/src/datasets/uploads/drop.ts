/** Files that were chosen together. */

import type { UploadItem } from './item';
import { RateMeter } from './rate';
import type { IServerUpload, IUploadDrop, IUploadProgress } from './types';

/** How far these files are, at the rate of the meter. */
export function progressOf(items: readonly UploadItem[], meter: RateMeter): IUploadProgress {
  let [sent_bytes, size_bytes, doneFiles, failedFiles] = [0, 0, 0, 0];
  for (const item of items) {
    sent_bytes += item.sent_bytes;
    size_bytes += item.size_bytes;
    doneFiles += item.state === 'done' ? 1 : 0;
    failedFiles += item.state === 'failed' ? 1 : 0;
  }
  const isMoving = items.some(item => item.state === 'sending');
  const rate_bytes_per_s = isMoving ? meter.rate_bytes_per_s() : null;
  return {
    files: items.length,
    doneFiles,
    failedFiles,
    size_bytes,
    sent_bytes,
    rate_bytes_per_s,
    remaining_s: rate_bytes_per_s ? (size_bytes - sent_bytes) / rate_bytes_per_s : null
  };
}

export class UploadDrop implements IUploadDrop {
  constructor(readonly key: string) {}

  items: readonly UploadItem[] = [];
  /** Empty until the server was asked what it has of these files. */
  batch = '';
  isLookedUp = false;
  isLookingUp = false;
  isTold = false;
  readonly meter = new RateMeter();

  get title(): string {
    const [first] = this.items;
    if (!first) {
      return '';
    }
    const tops = new Set(this.items.map(item => item.relativePath.split('/')[0]));
    const [top] = tops;
    if (tops.size === 1 && top) {
      return top;
    }
    return this.items.length === 1 ? first.name : `${this.items.length} files`;
  }

  get progress(): IUploadProgress {
    return progressOf(this.items, this.meter);
  }

  get isComplete(): boolean {
    return this.items.length > 0 && this.items.every(item => item.state === 'done');
  }

  /** Whether the server still has what was sent. */
  isAmong(uploads: readonly IServerUpload[]): boolean {
    const ids = new Set(uploads.map(({ id }) => id));
    return this.items.every(({ uploadId }) => ids.has(uploadId));
  }

  get link(): string {
    if (!this.isComplete) {
      return '';
    }
    const isSingle = this.items.length === 1 && !this.items[0].relativePath;
    return isSingle ? `upload:${this.items[0].uploadId}` : `upload:batch:${this.batch}`;
  }
}
