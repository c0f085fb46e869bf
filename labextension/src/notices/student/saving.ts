/** Saves what is open and changed. */

import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { DocumentRegistry, IDocumentWidget } from '@jupyterlab/docregistry';
import type { Widget } from '@lumino/widgets';

/** What saving came to. */
export interface ISaved {
  /** How many documents were saved. */
  documents: number;
  /** Those that were not, each with the reason. */
  failures: string[];
}

const LIMIT_MS = 20_000;

/** Save every document that has changes; resolves when each is saved or has failed. */
export async function saveAll(app: JupyterFrontEnd): Promise<ISaved> {
  const contexts = changed(app);
  const results = await Promise.allSettled(contexts.map(save));
  const failures = results.flatMap((result, index) =>
    result.status === 'rejected' ? [`${contexts[index].path}: ${reasonOf(result.reason)}`] : []
  );
  return { documents: contexts.length - failures.length, failures };
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
