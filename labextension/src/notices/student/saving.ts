/** Saves what is open and changed. */

import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { DocumentRegistry, IDocumentWidget } from '@jupyterlab/docregistry';
import { PageConfig } from '@jupyterlab/coreutils';
import type { Widget } from '@lumino/widgets';

/** What saving came to. */
export interface ISaved {
  /** How many documents were saved. */
  documents: number;
  /** Those that were not, each with the reason. */
  failures: string[];
}

const LIMIT_MS = 20_000;
const AGAIN_MS = 5000;

/** Saves what is open, and again what is changed after that. */
export class Saver {
  constructor(private readonly _app: JupyterFrontEnd) {}

  /** How many documents could not be saved the last time. */
  failed = 0;

  /**
   * Whether more has changed since the last time than what could not be saved: Lab makes a dialog
   * of each failure, so that is not tried again by itself.
   */
  get isNeeded(): boolean {
    const isSoon = Date.now() - this._saved_ms < AGAIN_MS;
    return !this._pending && !isSoon && countChanged(this._app) > this.failed;
  }

  /** Save every document that has changes, once those who asked before have what they asked for. */
  async save(): Promise<ISaved> {
    this._pending += 1;
    this._last = this._last.then(() => saveAll(this._app));
    const saved = await this._last;
    this._pending -= 1;
    this._saved_ms = Date.now();
    this.failed = saved.failures.length;
    return saved;
  }

  private _last: Promise<ISaved> = Promise.resolve({ documents: 0, failures: [] });
  private _pending = 0;
  private _saved_ms = 0;
}

/** Save every document that has changes; resolves when each is saved or has failed. */
async function saveAll(app: JupyterFrontEnd): Promise<ISaved> {
  const contexts = changed(app);
  const results = await Promise.allSettled(contexts.map(save));
  const failures = results.flatMap((result, index) =>
    result.status === 'rejected' ? [`${contexts[index].path}: ${reasonOf(result.reason)}`] : []
  );
  return { documents: contexts.length - failures.length, failures };
}

/**
 * Log in again to a server that was restarted: JupyterHub forgot this page's login when it stopped
 * the server. A page is fetched as a browser fetches a picture (no-cors), for which the hub wants
 * no XSRF token; the redirects over the hub set the cookies that the next requests send.
 * Never rejects: without a login saving fails, and says so.
 */
export async function renewLogin(): Promise<void> {
  const options: RequestInit = {
    mode: 'no-cors',
    cache: 'no-store',
    signal: AbortSignal.timeout(LIMIT_MS)
  };
  await fetch(`${PageConfig.getBaseUrl()}lab`, options).catch(() => undefined);
}

/** Return how many documents have changes that are not saved. */
export function countChanged(app: JupyterFrontEnd): number {
  return changed(app).length;
}

function changed(app: JupyterFrontEnd): DocumentRegistry.Context[] {
  const contexts = new Set<DocumentRegistry.Context>();
  for (const area of ['main', 'down', 'left', 'right']) {
    for (const widget of widgetsIn(app, area)) {
      const context = 'context' in widget ? (widget as IDocumentWidget).context : null;
      if (context?.model?.dirty && !context.isDisposed) {
        contexts.add(context);
      }
    }
  }
  return [...contexts];
}

/** Another shell than Lab's, for example Notebook's, has fewer areas. */
function widgetsIn(app: JupyterFrontEnd, area: string): Iterable<Widget> {
  try {
    return app.shell.widgets(area);
  } catch {
    return [];
  }
}

async function save(context: DocumentRegistry.Context): Promise<void> {
  if (context.model.readOnly) {
    throw new Error('it may only be read');
  }
  let timer: number | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = window.setTimeout(() => reject(new Error('saving takes too long')), LIMIT_MS);
  });
  try {
    await Promise.race([context.save(), late]);
  } finally {
    window.clearTimeout(timer);
  }
  if (context.model.dirty) {
    throw new Error('it was not saved'); // Lab asked something, and the answer was no
  }
}

function reasonOf(reason: unknown): string {
  return reason instanceof Error ? reason.message : String(reason);
}
