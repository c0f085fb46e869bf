/** What a view needs to know of files that are on their way from this computer to the school. */

import type { ISignal } from '@lumino/signaling';

import type { Problem } from '../../api/problem';

/**
 * `waiting`: its turn has not come; `sending`; `retrying`: the connection dropped and it goes on by
 * itself at `retryAt`; `paused`; `done`: the server has every byte; `failed`: see `problem`.
 * A cancelled file is no longer in the queue.
 */
export type UploadState = 'waiting' | 'sending' | 'retrying' | 'paused' | 'done' | 'failed';

/** A file to send; `relativePath` is its place in the folder that was chosen, empty for none. */
export interface IChosenFile {
  file: File;
  relativePath: string;
}

/** How far one file, one drop or the whole queue is. */
export interface IUploadProgress {
  files: number;
  doneFiles: number;
  failedFiles: number;
  size_bytes: number;
  /** What the server is known to have, plus what is on the wire. */
  sent_bytes: number;
  /** Over the last seconds; null while nothing moves. */
  rate_bytes_per_s: number | null;
  /** Time left at that rate; null while nothing moves. */
  remaining_s: number | null;
}

/** One file of the queue. */
export interface IUploadItem {
  /** Names it within this page. */
  readonly key: string;
  readonly name: string;
  /** Empty, or with the folder's own name first: `run7/raw/a.fits`. */
  readonly relativePath: string;
  readonly size_bytes: number;
  readonly drop: IUploadDrop;
  readonly state: UploadState;
  readonly sent_bytes: number;
  /** The server's name for it; empty before the first answer. */
  readonly uploadId: string;
  /** Why it failed, or why it is retried. */
  readonly problem: Problem | null;
  /** When the next try is, while `retrying`. */
  readonly retryAt: Date | null;
}

/** The files that were chosen or dropped together; they become one dataset. */
export interface IUploadDrop {
  readonly key: string;
  /** Name of the single file, or of the folder, else `<n> files`. */
  readonly title: string;
  readonly items: readonly IUploadItem[];
  readonly progress: IUploadProgress;
  /** Every file has arrived. */
  readonly isComplete: boolean;
  /**
   * What to put into `PublishRequest.link` and `ProbeRequest.link`: `upload:<id>` for a single
   * file, `upload:batch:<batch>` for several; empty until `isComplete`.
   */
  readonly link: string;
}

/** An upload as the server describes it. */
export interface IServerUpload {
  readonly id: string;
  readonly file_name: string;
  readonly relative_path: string;
  readonly batch: string;
  readonly size_bytes: number;
  readonly offset_bytes: number;
  readonly created: string;
  readonly created_by: string;
  readonly is_complete: boolean;
}

/** All of them, and which links a job publishes now, with its id: those cannot be deleted. */
export interface IServerUploads {
  readonly uploads: readonly IServerUpload[];
  readonly publishing: Readonly<Record<string, string>>;
}

/**
 * A file or a folder that the server has parts of and this page knows nothing of: it was left
 * before a reload. It goes on when the same file or folder is chosen again.
 */
export interface IUnfinishedUpload {
  /** Names it for `discard`. */
  readonly id: string;
  /** Of the file, or of the folder. */
  readonly name: string;
  readonly relativePath: string;
  readonly batch: string;
  readonly size_bytes: number;
  readonly offset_bytes: number;
  /** ISO 8601. */
  readonly created: string;
  readonly created_by: string;
  /** All bytes of all files are there; `link` can be published. */
  readonly isComplete: boolean;
  /** As in `IUploadDrop`; empty while bytes are missing. */
  readonly link: string;
}

/**
 * Sends files, a few at a time, in chunks that are checked one by one; goes on by itself when the
 * connection was away, and after a reload as soon as the same file is chosen again.
 */
export interface IUploadQueue {
  /** Emitted at most a few times a second while bytes move, and after each change of a state. */
  readonly changed: ISignal<IUploadQueue, void>;
  /** Emitted once for each drop when its last file has arrived. */
  readonly completed: ISignal<IUploadQueue, IUploadDrop>;

  /** Newest last. */
  readonly drops: readonly IUploadDrop[];
  readonly progress: IUploadProgress;
  /** Something is on its way: ask before the page is left. */
  readonly isBusy: boolean;
  /** Left by an earlier page and not being published, newest first; see `refresh`. */
  readonly unfinished: readonly IUnfinishedUpload[];
  /** Why the last `refresh` failed. */
  readonly problem: Problem | null;

  /** Queue files and start; returns the drop, or null when there was no file. */
  add(files: readonly IChosenFile[]): IUploadDrop | null;
  /** The same for `<input type=file>`, with or without `webkitdirectory`. */
  addFiles(files: FileList | readonly File[]): IUploadDrop | null;
  /**
   * The same for a drop, folders included. Call it inside the `drop` handler: the browser takes
   * the entries back afterwards. Rejects with a `Problem` when a folder cannot be read.
   */
  addDropped(transfer: DataTransfer): Promise<IUploadDrop | null>;

  /** Without a key: everything. */
  pause(key?: string): void;
  /** Goes on with paused and failed files, and tries at once what waits for a retry. */
  resume(key?: string): void;
  /** Key of a file or of a drop. What the server has of it is deleted there. */
  cancel(key: string): Promise<void>;
  /** Take a complete drop out of the list; the server keeps the files. */
  forget(key: string): void;
  /** Ask the server which uploads it has. */
  refresh(): Promise<void>;
  /** Delete one of `unfinished` on the server. Rejects with a `Problem`. */
  discard(id: string): Promise<void>;
  dispose(): void;
}
