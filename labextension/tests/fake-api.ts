/** The client over a server in memory: its own transport, with requests handed to a function. */

import { ServerConnection } from '@jupyterlab/services';

import { GrowthApi } from '../src/api/client';

export interface IRefusal {
  status: number;
  title: string;
  type?: string;
  detail?: string;
  hint?: string;
  errors?: readonly { field: string; message: string }[];
}

/** What a request of the client says. */
export interface IAsked {
  method: string;
  /** Below `growth/api`, as it is sent. */
  path: string;
  /** With its `?`; empty if there is none. */
  query: string;
  body: unknown;
}

/** Return a client whose requests are answered here; what has a `status` is sent as a refusal. */
export function fakeApi(answer: (asked: IAsked) => unknown): GrowthApi {
  class FakeRequest {
    constructor(
      readonly url: string,
      readonly init: RequestInit
    ) {}
    readonly headers = new Map<string, string>();
  }
  const reply = async ({ url, init }: FakeRequest): Promise<unknown> =>
    replyOf(await answer(askedOf(url, init)));
  return new GrowthApi(
    ServerConnection.makeSettings({
      baseUrl: 'http://lab/',
      Request: FakeRequest as unknown as ServerConnection.ISettings['Request'],
      fetch: reply as unknown as typeof fetch
    })
  );
}

function askedOf(url: string, init: RequestInit): IAsked {
  const { pathname, search } = new URL(url);
  return {
    method: init.method ?? 'GET',
    path: pathname.replace(/^.*\/growth\/api\//, ''),
    // JupyterLab's client adds the time to every GET, against caches.
    query: search.replace(/[?&]\d+$/, ''),
    body: init.body ? (JSON.parse(String(init.body)) as unknown) : undefined
  };
}

function replyOf(answer: unknown): unknown {
  const isRefusal = typeof answer === 'object' && answer !== null && 'status' in answer;
  const status = isRefusal ? (answer as IRefusal).status : 200;
  return {
    ok: status < 400,
    status,
    statusText: '',
    text: async () => JSON.stringify(answer ?? null)
  };
}
