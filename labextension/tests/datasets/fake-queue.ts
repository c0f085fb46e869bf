/** Uploads that move only when a test says so. */

import { Signal } from '@lumino/signaling';

import type { Problem } from '../../src/api/problem';
import type {
  IChosenFile,
  IUnfinishedUpload,
  IUploadDrop,
  IUploadItem,
  IUploadProgress,
  IUploadQueue,
  UploadState
} from '../../src/datasets/uploads';

const NOTHING: IUploadProgress = {
  files: 0,
  doneFiles: 0,
  failedFiles: 0,
  size_bytes: 0,
  sent_bytes: 0,
  rate_bytes_per_s: null,
  remaining_s: null
};

export class FakeQueue implements IUploadQueue {
  readonly changed: Signal<IUploadQueue, void> = new Signal<IUploadQueue, void>(this);
  readonly completed: Signal<IUploadQueue, IUploadDrop> = new Signal<IUploadQueue, IUploadDrop>(
    this
  );
  drops: IUploadDrop[] = [];
  progress = NOTHING;
  isBusy = false;
  unfinished: IUnfinishedUpload[] = [];
  problem: Problem | null = null;
  /** Resolves when the server has deleted what is discarded. */
  discarding: Promise<void> = Promise.resolve();
  /** Why nothing can be taken off the server. */
  refusal: Problem | null = null;
  readonly calls: string[] = [];

  add(files: readonly IChosenFile[]): IUploadDrop | null {
    return this.addFiles(files.map(({ file }) => file));
  }

  addFiles(files: FileList | readonly File[]): IUploadDrop | null {
    const chosen = [...files];
    const key = `drop-${this.drops.length}`;
    const title = chosen.length === 1 ? chosen[0].name : `${chosen.length} files`;
    this.drops = [
      ...this.drops,
      this.make(
        key,
        title,
        chosen.map(({ name, size }) => [name, size])
      )
    ];
    this.changed.emit();
    return this.drops[this.drops.length - 1];
  }

  async addDropped(transfer: DataTransfer): Promise<IUploadDrop | null> {
    return this.addFiles([...transfer.files]);
  }

  /** A drop of files with this share of each sent. */
  make(
    key: string,
    title: string,
    files: readonly [string, number][],
    share = 0,
    state: UploadState = 'sending'
  ): IUploadDrop {
    const size = files.reduce((sum, [, bytes]) => sum + bytes, 0);
    const drop = {
      key,
      title,
      isComplete: share === 1,
      link: share === 1 ? `upload:${key}` : '',
      progress: {
        ...NOTHING,
        files: files.length,
        doneFiles: share === 1 ? files.length : 0,
        size_bytes: size,
        sent_bytes: size * share,
        rate_bytes_per_s: share < 1 && state === 'sending' ? 30_000_000 : null,
        remaining_s: share < 1 && state === 'sending' ? 70 : null
      },
      items: [] as IUploadItem[]
    };
    drop.items = files.map(([name, bytes], index) => ({
      key: `${key}-${index}`,
      name,
      relativePath: files.length > 1 ? `${title}/${name}` : '',
      size_bytes: bytes,
      drop,
      state: share === 1 ? 'done' : state,
      sent_bytes: bytes * share,
      uploadId: '',
      problem: null,
      retryAt: null
    }));
    return drop;
  }

  /** Let the last byte of a drop arrive. */
  complete(key: string): void {
    this.drops = this.drops.map(drop =>
      drop.key === key
        ? this.make(
            key,
            drop.title,
            drop.items.map(({ name, size_bytes }) => [name, size_bytes]),
            1
          )
        : drop
    );
    this.changed.emit();
  }

  pause(key = ''): void {
    this.calls.push(`pause ${key}`);
  }

  resume(key = ''): void {
    this.calls.push(`resume ${key}`);
  }

  async cancel(key: string): Promise<void> {
    this.calls.push(`cancel ${key}`);
    this.forget(key);
    if (this.refusal) {
      throw this.refusal;
    }
  }

  forget(key: string): void {
    this.drops = this.drops.filter(drop => drop.key !== key);
    this.changed.emit();
  }

  async refresh(): Promise<void> {
    this.calls.push('refresh');
  }

  async discard(id: string): Promise<void> {
    this.calls.push(`discard ${id}`);
    await this.discarding;
    this.unfinished = this.unfinished.filter(upload => upload.id !== id);
    this.changed.emit();
  }

  dispose(): void {
    Signal.clearData(this);
  }
}
