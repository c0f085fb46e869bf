/** Where the server takes uploads, and what lets us in there. */

import { URLExt } from '@jupyterlab/coreutils';
import type { ServerConnection } from '@jupyterlab/services';

const XSRF_COOKIE = /(?:^|;\s*)_xsrf=([^;]*)/;

/** What JupyterLab's own requests carry, for requests that are not made by JupyterLab. */
export class ServerAccess {
  constructor(private readonly _settings: ServerConnection.ISettings) {}

  /** The address that takes new uploads; each lies below it, under its id. */
  get endpoint(): string {
    return URLExt.join(this._settings.baseUrl, 'growth/api/datasets/uploads');
  }

  /** Read anew for each request: the cookie changes when somebody logs in again. */
  headers(): Record<string, string> {
    const xsrf = XSRF_COOKIE.exec(document.cookie)?.[1];
    return {
      ...(this._settings.token ? { Authorization: `token ${this._settings.token}` } : {}),
      ...(xsrf ? { 'X-XSRFToken': decodeURIComponent(xsrf) } : {})
    };
  }
}
