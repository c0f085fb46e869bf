/** Two texts side by side. The differ is fetched when the first one is shown. */

import type { IEditorServices } from '@jupyterlab/codeeditor';
import * as React from 'react';

import { lazyView } from './lazy-view';

export interface IDiffViewProps {
  before: string;
  after: string;
  beforeLabel: string;
  afterLabel: string;
  /** Decides the colours of the language; `as-root.sh` for shell. */
  path?: string;
  editors?: IEditorServices | null;
}

const LazyDiff = lazyView<IDiffViewProps>(
  'the difference',
  async () => (await import(/* webpackChunkName: "diff" */ './diff-editor')).default
);

export function DiffView(props: IDiffViewProps): JSX.Element {
  return (
    <section className="growth-Diff" aria-label={`${props.beforeLabel} and ${props.afterLabel}`}>
      <div className="growth-Diff-labels">
        <strong>{props.beforeLabel}</strong>
        <strong>{props.afterLabel}</strong>
      </div>
      {props.before === props.after ? (
        <p className="growth-Empty">The two are the same.</p>
      ) : (
        <LazyDiff {...props} />
      )}
    </section>
  );
}
