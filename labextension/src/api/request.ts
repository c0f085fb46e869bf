/** One request to our routes, with the settings of the caller's own server. */

import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';

import { Problem } from './problem';

/** Values that go into the query; empty and missing ones are left out. */
export type Query = Readonly<Record<string, string | number | boolean | null | undefined>>;

export interface IRequestOptions {
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Sent as JSON. */
  body?: unknown;
  query?: Query;
  signal?: AbortSignal;
}

/**
 * Return the decoded JSON body of `/growth/api/<path>` (undefined for an empty one).
 *
 * Throws a {@link Problem}: the server's own for a refusal, status 0 when there was no answer.
 */
export async function request<T>(
  settings: ServerConnection.ISettings,
  path: string,
  options: IRequestOptions = {}
): Promise<T> {
  const url = URLExt.join(settings.baseUrl, 'growth/api', path) + encodeQuery(options.query);
  const init: RequestInit = { method: options.method ?? 'GET', signal: options.signal };
  if (options.body !== undefined) {
    init.body = JSON.stringify(options.body);
    init.headers = { 'Content-Type': 'application/json' };
  }
  let response: Response;
  let text: string;
  try {
    response = await ServerConnection.makeRequest(url, init, settings);
    text = await response.text();
  } catch (reason) {
    throw Problem.unreachable(reason);
  }
  if (!response.ok) {
    throw Problem.fromReply(response.status, response.statusText, text);
  }
  return (text ? JSON.parse(text) : undefined) as T;
}

function encodeQuery(query: Query = {}): string {
  const pairs = Object.entries(query).filter(
    ([, value]) => value !== undefined && value !== null && value !== ''
  );
  const encoded = new URLSearchParams(pairs.map(([key, value]) => [key, String(value)])).toString();
  return encoded && `?${encoded}`;
}
