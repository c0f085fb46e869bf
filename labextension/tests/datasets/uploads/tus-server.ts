/** A tiny tus server: enough of the protocol for the queue, with faults that tests switch on. */

import { createHash, randomBytes } from 'crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'http';
import type { AddressInfo } from 'net';

export interface IStored {
  id: string;
  name: string;
  relativePath: string;
  batch: string;
  size: number;
  data: Buffer;
}

const PATH = '/lab/growth/api/';

export class TusServer {
  readonly uploads = new Map<string, IStored>();
  /** Links that jobs publish. */
  publishing: Record<string, string> = {};
  /** Method, and offset of a PATCH, of each request that came. */
  readonly requests: string[] = [];
  readonly checksums: string[] = [];
  /** Headers of the last request. */
  headers: IncomingMessage['headers'] = {};
  login = 'priya';
  /** Return a status to answer with, 0 to cut the connection, null to do what is asked. */
  fault: (method: string, count: number) => number | null = () => null;

  async listen(): Promise<string> {
    this._server.listen(0, '127.0.0.1');
    await new Promise(resolve => this._server.once('listening', resolve));
    return `http://127.0.0.1:${(this._server.address() as AddressInfo).port}/lab/`;
  }

  close(): void {
    this._server.closeAllConnections();
    this._server.close();
  }

  /** Put an upload there as an earlier page has left it. */
  leave(upload: Partial<IStored> & { size: number }): IStored {
    const stored = {
      id: randomBytes(16).toString('hex'),
      name: 'a',
      relativePath: '',
      batch: '',
      data: Buffer.alloc(0),
      ...upload
    };
    this.uploads.set(stored.id, stored);
    return stored;
  }

  private async _answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    await new Promise(resolve => request.once('end', resolve).once('error', resolve));
    const body = Buffer.concat(parts);
    const method = request.method ?? '';
    this.requests.push(method);
    this.headers = request.headers;
    const fault = this.fault(method, this.requests.filter(one => one === method).length);
    if (fault === 0) {
      request.socket.destroy();
    } else if (fault !== null) {
      this._send(response, fault, { detail: `refused with ${fault}` });
    } else {
      this._serve(method, request, body, response);
    }
  }

  private _serve(
    method: string,
    request: IncomingMessage,
    body: Buffer,
    response: ServerResponse
  ): void {
    const url = new URL(request.url ?? '', 'http://x');
    const [, name] = url.pathname.slice(PATH.length).split('datasets/uploads');
    const upload = this.uploads.get((name ?? '').slice(1));
    if (url.pathname === `${PATH}me`) {
      this._send(response, 200, { login: this.login });
    } else if (method === 'GET') {
      const batch = url.searchParams.get('batch') ?? '';
      this._send(response, 200, { uploads: this._list(batch), publishing: this.publishing });
    } else if (method === 'POST') {
      const made = this.leave(fromHeaders(request));
      made.data = body;
      response.setHeader('Location', `${PATH}datasets/uploads/${made.id}`);
      response.setHeader('Upload-Offset', body.length);
      this._send(response, 201);
    } else if (!upload) {
      this._send(response, 404);
    } else if (method === 'DELETE') {
      this.uploads.delete(upload.id);
      this._send(response, 204);
    } else if (method === 'HEAD') {
      response.setHeader('Upload-Offset', upload.data.length);
      response.setHeader('Upload-Length', upload.size);
      this._send(response, 200);
    } else {
      this._append(upload, request, body, response);
    }
  }

  private _append(
    upload: IStored,
    request: IncomingMessage,
    body: Buffer,
    response: ServerResponse
  ): void {
    const given = String(request.headers['upload-checksum'] ?? '');
    const digest = createHash('sha256').update(body).digest('base64');
    if (Number(request.headers['upload-offset']) !== upload.data.length) {
      this._send(response, 409);
    } else if (given && given !== `sha256 ${digest}`) {
      this._send(response, 460);
    } else {
      this.checksums.push(given);
      upload.data = Buffer.concat([upload.data, body]);
      response.setHeader('Upload-Offset', upload.data.length);
      this._send(response, 204);
    }
  }

  private _list(batch: string): object[] {
    return [...this.uploads.values()]
      .filter(upload => !batch || upload.batch === batch)
      .map(upload => ({
        id: upload.id,
        file_name: upload.name,
        relative_path: upload.relativePath,
        batch: upload.batch,
        size_bytes: upload.size,
        offset_bytes: upload.data.length,
        created: '2026-11-23T08:00:00Z',
        created_by: this.login,
        is_complete: upload.data.length === upload.size
      }));
  }

  private _send(response: ServerResponse, status: number, body?: object): void {
    response.statusCode = status;
    response.setHeader('Tus-Resumable', '1.0.0');
    response.end(body && JSON.stringify(body));
  }

  private readonly _server: Server = createServer((request, response) => {
    void this._answer(request, response);
  });
}

function fromHeaders(request: IncomingMessage): Partial<IStored> & { size: number } {
  const pairs = String(request.headers['upload-metadata'])
    .split(',')
    .map(pair => pair.split(' '));
  const values = Object.fromEntries(
    pairs.map(([key, value]) => [key, Buffer.from(value ?? '', 'base64').toString('utf8')])
  );
  return {
    name: values.filename,
    relativePath: values.relativePath ?? '',
    batch: values.batch ?? '',
    size: Number(request.headers['upload-length'])
  };
}
