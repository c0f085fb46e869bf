/** Lets tus-js-client send with `fetch`: its stack for node takes no `Blob`. */

import type { HttpRequest, HttpResponse, HttpStack } from 'tus-js-client';

export class FetchStack implements HttpStack {
  createRequest(method: string, url: string): HttpRequest {
    const headers: Record<string, string> = {};
    const aborting = new AbortController();
    let moved: (bytes: number) => void = () => undefined;
    return {
      getMethod: () => method,
      getURL: () => url,
      setHeader: (name, value) => void (headers[name] = value),
      getHeader: name => headers[name],
      setProgressHandler: handler => void (moved = handler),
      send: async (body: Blob | null) => {
        const data = body && new Uint8Array(await body.arrayBuffer());
        const response = await fetch(url, {
          method,
          headers,
          body: data,
          signal: aborting.signal
        });
        moved(data?.length ?? 0);
        return answer(response, await response.text());
      },
      abort: async () => aborting.abort(),
      getUnderlyingObject: () => null
    };
  }

  getName(): string {
    return 'FetchStack';
  }
}

function answer(response: Response, body: string): HttpResponse {
  return {
    getStatus: () => response.status,
    getHeader: name => response.headers.get(name) ?? undefined,
    getBody: () => body,
    getUnderlyingObject: () => response
  };
}
