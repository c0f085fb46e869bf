/** The queue of this page: a few files at a time, until everything has arrived. */

import { type ISignal, Signal } from '@lumino/signaling';
import type { HttpStack } from 'tus-js-client';

import type { GrowthApi } from '../../api/client';
import { Problem } from '../../api/problem';
import { batchOf } from './batch';
import { chosenFiles, droppedFiles } from './chosen';
import { progressOf, UploadDrop } from './drop';
import { UploadItem } from './item';
import { RateMeter } from './rate';
import { ServerAccess } from './server-access';
import type {
  IChosenFile,
  IServerUpload,
  IServerUploads,
  IUnfinishedUpload,
  IUploadDrop,
  IUploadProgress,
  IUploadQueue,
  UploadState
} from './types';
import { bestByPlace, placeOf, unfinishedOf } from './unfinished';

const UPLOADS = 'datasets/uploads';
const PARALLEL_FILES = 3;
const TELL_MS = 200;
/** After a look-up that failed. */
const LOOK_AGAIN_MS = 5000;
const BUSY: readonly UploadState[] = ['waiting', 'sending', 'retrying'];

export interface IUploadQueueOptions {
  /** How requests that carry bytes are made; the browser's way by default. */
  httpStack?: HttpStack;
}

export class UploadQueue implements IUploadQueue {
  constructor(
    private readonly _api: GrowthApi,
    private readonly _options: IUploadQueueOptions = {}
  ) {
    this._server = new ServerAccess(_api.settings);
    window.addEventListener('online', this._onOnline);
  }

  problem: Problem | null = null;
  isDisposed = false;

  get changed(): ISignal<IUploadQueue, void> {
    return this._changed;
  }

  get completed(): ISignal<IUploadQueue, IUploadDrop> {
    return this._completed;
  }

  get drops(): readonly IUploadDrop[] {
    return this._drops;
  }

  get unfinished(): readonly IUnfinishedUpload[] {
    return this._unfinished;
  }

  get progress(): IUploadProgress {
    return progressOf(this._items(), this._meter);
  }

  get isBusy(): boolean {
    return this._items().some(item => BUSY.includes(item.state));
  }

  add(files: readonly IChosenFile[]): IUploadDrop | null {
    if (!files.length || this.isDisposed) {
      return null;
    }
    const drop = new UploadDrop(`drop-${++this._count}`);
    drop.items = files.map(
      (file, index) =>
        new UploadItem(`${drop.key}-${index}`, drop, file, {
          server: this._server,
          httpStack: this._options.httpStack,
          onChange: (item, what) => this._noticed(drop, item, what)
        })
    );
    this._drops = [...this._drops, drop];
    this._pump();
    this._tell();
    return drop;
  }

  addFiles(files: FileList | readonly File[]): IUploadDrop | null {
    return this.add(chosenFiles(files));
  }

  async addDropped(transfer: DataTransfer): Promise<IUploadDrop | null> {
    return this.add(await droppedFiles(transfer));
  }

  pause(key?: string): void {
    for (const item of this._items(key)) {
      if (BUSY.includes(item.state)) {
        item.stop('paused');
      }
    }
    this._pump();
  }

  resume(key?: string): void {
    for (const item of this._items(key)) {
      if (item.state !== 'done' && item.state !== 'sending') {
        item.stop('waiting');
      }
    }
    this._pump();
  }

  async cancel(key: string): Promise<void> {
    const items = this._items(key);
    for (const item of items) {
      item.dispose();
    }
    const gone = new Set(items);
    for (const drop of this._drops) {
      drop.items = drop.items.filter(item => !gone.has(item));
    }
    this._drops = this._drops.filter(drop => drop.items.length > 0);
    this._tell();
    this._pump();
    await this._delete(items.map(item => item.uploadId).filter(Boolean));
  }

  forget(key: string): void {
    this._drops = this._drops.filter(drop => drop.key !== key || !drop.isComplete);
    this._tell();
  }

  async refresh(): Promise<void> {
    try {
      const known = new Set(this._items().map(item => item.uploadId));
      this._drops.forEach(drop => known.add(drop.batch));
      known.delete('');
      const login = await this._whoAmI();
      const { uploads, publishing } = await this._list();
      const own = uploads.filter(upload => upload.created_by === login);
      this._unfinished = unfinishedOf(own, known).filter(({ link }) => !(link in publishing));
      this.problem = null;
    } catch (reason) {
      this.problem = Problem.from(reason);
    }
    this._tell();
  }

  async discard(id: string): Promise<void> {
    const { uploads } = await this._list();
    await this._delete(
      uploads.filter(upload => upload.id === id || upload.batch === id).map(upload => upload.id)
    );
    await this.refresh();
  }

  dispose(): void {
    this.isDisposed = true;
    window.removeEventListener('online', this._onOnline);
    clearTimeout(this._timer);
    clearTimeout(this._lookTimer);
    this._items().forEach(item => item.dispose());
    Signal.clearData(this);
  }
  /** Start what may start. */
  private _pump(): void {
    let free = PARALLEL_FILES - this._items().filter(item => item.state === 'sending').length;
    for (const drop of this.isDisposed ? [] : this._drops) {
      const waiting = drop.items.filter(item => item.state === 'waiting');
      if (waiting.length && !drop.isLookedUp) {
        void this._lookUp(drop);
      } else {
        for (const item of waiting.slice(0, Math.max(0, free))) {
          free -= 1;
          void item.start();
        }
      }
    }
  }

  /** Find out what the server has of a drop; until then nothing of it is sent. */
  private async _lookUp(drop: UploadDrop): Promise<void> {
    if (drop.isLookingUp) {
      return;
    }
    drop.isLookingUp = true;
    try {
      const login = await this._whoAmI();
      const files = drop.items.map(item => item.chosen);
      drop.batch = batchOf(files, login);
      const { uploads } = await this._list(drop.batch);
      const own = uploads.filter(upload => upload.created_by === login);
      drop.isLookedUp = true;
      this._unfinished = this._unfinished.filter(({ batch }) => batch !== drop.batch);
      this.problem = null;
      this._takeUp(drop, own);
      this._pump();
    } catch (reason) {
      this.problem = Problem.from(reason);
      clearTimeout(this._lookTimer);
      this._lookTimer = setTimeout(() => this._pump(), LOOK_AGAIN_MS);
    }
    drop.isLookingUp = false;
    this._tell();
  }

  /** Go on where an earlier page, or an earlier drop of the same files, has stopped. */
  private _takeUp(drop: UploadDrop, uploads: readonly IServerUpload[]): void {
    const twin = this._drops.find(other => other !== drop && other.batch === drop.batch);
    if (twin && (!twin.isComplete || twin.isAmong(uploads))) {
      this._drops = this._drops.filter(other => other !== drop);
      drop.items.forEach(item => item.dispose());
      this.resume(twin.key);
      return;
    }
    const best = new Map(bestByPlace(uploads).map(upload => [placeOf(upload), upload]));
    for (const item of drop.items) {
      const upload = best.get(item.relativePath || item.name);
      item.batch = drop.batch;
      if (upload?.size_bytes === item.size_bytes) {
        item.takeUp(upload.id, upload.offset_bytes);
      }
    }
  }

  private _whoAmI(): Promise<string> {
    this._login ??= this._api.getMe().then(me => me.login);
    this._login.catch(() => (this._login = null));
    return this._login;
  }

  private _list(batch = ''): Promise<IServerUploads> {
    return this._api.request(UPLOADS, { query: { batch } });
  }

  private async _delete(ids: readonly string[]): Promise<void> {
    for (const id of ids) {
      try {
        await this._api.request(`${UPLOADS}/${id}`, { method: 'DELETE' });
      } catch (reason) {
        if (Problem.from(reason).status !== 404) {
          throw reason;
        }
      }
    }
  }

  private _noticed(drop: UploadDrop, item: UploadItem, what: 'state' | 'bytes'): void {
    if (what === 'state' && item.state === 'done' && drop.isComplete && !drop.isTold) {
      drop.isTold = true;
      this._completed.emit(drop);
    }
    this._tell();
    if (what === 'state' && item.state !== 'sending') {
      this._pump();
    }
  }

  /** Tell the views, at most every `TELL_MS`. */
  private _tell(): void {
    if (this._timer === undefined && !this.isDisposed) {
      this._timer = setTimeout(() => {
        this._timer = undefined;
        this._meter.note(this.progress.sent_bytes);
        this._drops.forEach(drop => drop.meter.note(drop.progress.sent_bytes));
        this._changed.emit();
      }, TELL_MS);
    }
  }

  /** The files of a drop, or the one with this key, or all. */
  private _items(key?: string): UploadItem[] {
    const all = this._drops.flatMap(drop => drop.items);
    return key === undefined ? all : all.filter(item => item.key === key || item.drop.key === key);
  }

  private readonly _onOnline = (): void => {
    this._items()
      .filter(item => item.state === 'retrying')
      .forEach(item => item.stop('waiting'));
    this._pump();
  };

  private readonly _server: ServerAccess;
  private readonly _meter = new RateMeter();
  private readonly _changed = new Signal<IUploadQueue, void>(this);
  private readonly _completed = new Signal<IUploadQueue, IUploadDrop>(this);
  private _drops: readonly UploadDrop[] = [];
  private _unfinished: readonly IUnfinishedUpload[] = [];
  private _login: Promise<string> | null = null;
  private _count = 0;
  private _timer: ReturnType<typeof setTimeout> | undefined;
  private _lookTimer: ReturnType<typeof setTimeout> | undefined;
}
