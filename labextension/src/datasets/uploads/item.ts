/** One file on its way: a try after another until the server has every byte. */

import type { DetailedError, HttpStack, Upload, UploadOptions } from 'tus-js-client';

import { Problem } from '../../api/problem';
import { ChunkedFile, UnreadableFile } from './chunks';
import type { ServerAccess } from './server-access';
import type { IChosenFile, IUploadDrop, IUploadItem, UploadState } from './types';

const MIB = 1024 * 1024;
const SMALLEST_CHUNK_BYTES = MIB;
const FIRST_CHUNK_BYTES = 16 * MIB;
const LARGEST_CHUNK_BYTES = 32 * MIB;
/** Sent with the request that announces it. */
const SMALL_FILE_BYTES = 4 * MIB;
const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 60_000;
/** Nothing has moved for so long: the connection is dead, though the browser does not know yet. */
const STALLED_MS = 90_000;
/** Answers after which the same bytes may be welcome in a moment. */
const PASSING = [0, 408, 409, 423, 429, 460, 500, 502, 503, 504];
const GONE = [404, 410];

export interface IItemOptions {
  server: ServerAccess;
  /** How requests are made; the browser's way by default. */
  httpStack?: HttpStack;
  /** Called after each change of the state, and when bytes have moved. */
  onChange(item: UploadItem, what: 'state' | 'bytes'): void;
}

export class UploadItem implements IUploadItem {
  constructor(
    readonly key: string,
    readonly drop: IUploadDrop,
    readonly chosen: IChosenFile,
    private readonly _options: IItemOptions
  ) {}

  state: UploadState = 'waiting';
  sent_bytes = 0;
  uploadId = '';
  problem: Problem | null = null;
  retryAt: Date | null = null;
  /** Name of its batch, known once the drop was looked up. */
  batch = '';

  get name(): string {
    return this.chosen.file.name;
  }

  get relativePath(): string {
    return this.chosen.relativePath;
  }

  get size_bytes(): number {
    return this.chosen.file.size;
  }

  /** Send what the server does not have. */
  async start(): Promise<void> {
    this._set('sending');
    const tries = ++this._tries;
    const tus = await import('tus-js-client');
    if (this.state !== 'sending' || tries !== this._tries) {
      return;
    }
    const source = new ChunkedFile(this.chosen.file, () => this._chunk_bytes);
    this._upload = new tus.Upload(this.chosen.file, this._tusOptions(source));
    this._watch();
    this._upload.start();
  }

  /** Stop; the server keeps what it has. */
  stop(state: 'paused' | 'waiting' | 'failed'): void {
    this._halt();
    this._set(state);
  }

  /** The server has a part of it, or all, from an earlier page. */
  takeUp(uploadId: string, offset_bytes: number): void {
    this.uploadId = uploadId;
    this.sent_bytes = offset_bytes;
    if (offset_bytes === this.size_bytes) {
      this.finish();
    }
  }

  /** The server has it all. */
  finish(): void {
    this._halt();
    this.sent_bytes = this.size_bytes;
    this.problem = null;
    this._set('done');
  }

  /** Stop, and try again after a while that grows with each failure. */
  retry(problem: Problem): void {
    this._halt();
    this.problem = problem;
    const longest_ms = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** this._failures++);
    const wait_ms = longest_ms * (0.5 + Math.random() / 2);
    this.retryAt = new Date(Date.now() + wait_ms);
    this._timer = setTimeout(() => this._set('waiting'), wait_ms);
    this._set('retrying', this.retryAt);
  }

  dispose(): void {
    this._halt();
  }

  private _tusOptions(source: ChunkedFile): UploadOptions {
    const { server, httpStack } = this._options;
    return {
      ...(httpStack ? { httpStack } : {}),
      endpoint: this.uploadId ? null : server.endpoint,
      uploadUrl: this.uploadId ? `${server.endpoint}/${this.uploadId}` : null,
      chunkSize: this._chunk_bytes,
      retryDelays: null,
      storeFingerprintForResuming: false,
      uploadDataDuringCreation: this.size_bytes <= SMALL_FILE_BYTES,
      metadata: this._metadata(),
      fileReader: { openFile: () => Promise.resolve(source) },
      onBeforeRequest: request => {
        for (const [name, value] of Object.entries(server.headers())) {
          request.setHeader(name, value);
        }
        if (source.checksum && request.getHeader('Content-Type')) {
          request.setHeader('Upload-Checksum', source.checksum);
        }
      },
      onUploadUrlAvailable: () => this._learnId(),
      onProgress: sent_bytes => this._moved(sent_bytes),
      onChunkComplete: () => {
        this._failures = 0;
        this.problem = null;
        this._resizeChunks(2 * this._chunk_bytes);
      },
      onSuccess: () => this.finish(),
      onError: error => this._failed(error)
    };
  }

  private _metadata(): Record<string, string> {
    const { file, relativePath } = this.chosen;
    return {
      filename: file.name,
      filetype: file.type,
      batch: this.batch,
      ...(relativePath ? { relativePath } : {})
    };
  }

  /** The next chunk may have another size than the last; tus-js-client looks before each. */
  private _resizeChunks(size_bytes: number): void {
    this._chunk_bytes = Math.max(SMALLEST_CHUNK_BYTES, Math.min(LARGEST_CHUNK_BYTES, size_bytes));
    if (this._upload) {
      this._upload.options.chunkSize = this._chunk_bytes;
    }
  }

  private _learnId(): void {
    const path = new URL(this._upload?.url ?? '', location.href).pathname;
    this.uploadId = path.slice(path.lastIndexOf('/') + 1);
  }

  private _moved(sent_bytes: number): void {
    this._movedAt_ms = Date.now();
    this.sent_bytes = sent_bytes;
    this._options.onChange(this, 'bytes');
  }

  private _failed(error: Error | DetailedError): void {
    const problem = problemOf(error);
    if (GONE.includes(problem.status) && this.uploadId) {
      this.uploadId = ''; // it expired or was deleted: begin again
      this.sent_bytes = 0;
      this.retry(problem);
    } else if (PASSING.includes(problem.status)) {
      this._resizeChunks(this._chunk_bytes / 2); // a connection that drops often carries little
      this.retry(problem);
    } else {
      this.problem = problem;
      this.stop('failed');
    }
  }

  private _watch(): void {
    this._movedAt_ms = Date.now();
    this._watcher = setInterval(() => {
      if (Date.now() - this._movedAt_ms > STALLED_MS) {
        this._failed(new Error(`Nothing has moved for ${STALLED_MS / 1000} s.`));
      }
    }, STALLED_MS / 10);
  }

  private _halt(): void {
    this._tries++;
    clearTimeout(this._timer);
    clearInterval(this._watcher);
    void this._upload?.abort();
    this._upload = null;
  }

  private _set(state: UploadState, retryAt: Date | null = null): void {
    this.state = state;
    this.retryAt = retryAt;
    this._options.onChange(this, 'state');
  }

  private _upload: Upload | null = null;
  private _chunk_bytes = FIRST_CHUNK_BYTES;
  private _tries = 0;
  private _failures = 0;
  private _movedAt_ms = 0;
  private _timer: ReturnType<typeof setTimeout> | undefined;
  private _watcher: ReturnType<typeof setInterval> | undefined;
}

/** Return what an error of tus-js-client means: the server's own problem, or no answer. */
function problemOf(error: Error | DetailedError): Problem {
  const { originalResponse: response, causingError } = error as Partial<DetailedError>;
  if (response) {
    return Problem.fromReply(response.getStatus(), '', response.getBody() ?? '');
  }
  if (causingError instanceof UnreadableFile) {
    return new Problem({
      status: 400,
      title: 'The file cannot be sent',
      detail: causingError.message,
      hint: 'Choose it again.'
    });
  }
  return Problem.unreachable(causingError ?? error);
}
