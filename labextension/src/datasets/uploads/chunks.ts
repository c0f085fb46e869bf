/** Cuts a file into chunks, hashes each, and has the next one hashed while the last one is sent. */

import type { FileReader as TusFileReader } from 'tus-js-client';

type FileSource = Awaited<ReturnType<TusFileReader['openFile']>>;

/** A chunk and the value of its `Upload-Checksum`, empty where the browser cannot hash. */
interface IChunk {
  start: number;
  end: number;
  data: Blob;
  checksum: string;
}

/** The file on this computer is no longer what was chosen. */
export class UnreadableFile extends Error {}

/**
 * The source of one file. A chunk is a reference into the file: the browser sends it from the disk,
 * and only what is being hashed lies in memory.
 */
export class ChunkedFile implements FileSource {
  constructor(
    private readonly _file: Blob,
    private readonly _chunkSize_bytes: () => number
  ) {}

  /** The checksum of the chunk that was asked for last: that of the request about to be sent. */
  checksum = '';

  get size(): number {
    return this._file.size;
  }

  /** Return the bytes; rejects when the file can no longer be read, or was changed. */
  async slice(start: number, end: number): Promise<{ value: Blob; done: boolean }> {
    const ready = this._next;
    this._next = null;
    const isReady = ready?.start === start && ready.end === end;
    const chunk = await (isReady ? ready.chunk : this._read(start, end));
    this.checksum = chunk.checksum;
    this._prepare(end);
    return { value: chunk.data, done: false };
  }

  close(): void {
    this._next = null;
  }

  private _prepare(start: number): void {
    const end = Math.min(this.size, start + this._chunkSize_bytes());
    if (start < end) {
      const chunk = this._read(start, end);
      chunk.catch(() => undefined); // told by the slice() that asks for it
      this._next = { start, end, chunk };
    }
  }

  private async _read(start: number, end: number): Promise<IChunk> {
    const data = this._file.slice(start, end);
    return { start, end, data, checksum: await checksumOf(data) };
  }

  private _next: { start: number; end: number; chunk: Promise<IChunk> } | null = null;
}

/** Return `sha256 <base64>`; empty where the page is not secure and the browser refuses to hash. */
export async function checksumOf(data: Blob): Promise<string> {
  const subtle = globalThis.crypto?.subtle as SubtleCrypto | undefined;
  if (!subtle) {
    return '';
  }
  const digest = new Uint8Array(await subtle.digest('SHA-256', await readBlob(data)));
  return `sha256 ${btoa(String.fromCharCode(...digest))}`;
}

async function readBlob(blob: Blob): Promise<ArrayBuffer> {
  try {
    return await blob.arrayBuffer();
  } catch {
    throw new UnreadableFile('The file cannot be read any more: it was changed, moved or deleted.');
  }
}
