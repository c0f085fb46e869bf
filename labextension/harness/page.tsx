/** What stands around a panel on a page of the harness, as in JupyterLab or in a notebook's cell. */

import * as React from 'react';

import type { IHost } from '../src/panel/host';

/** A cell is as high as what it shows; a panel of the Lab fills the window. */
export function PanelPage({
  place,
  children
}: React.PropsWithChildren<{ place: IHost['place'] }>): JSX.Element {
  const isCell = place === 'notebook';
  return (
    <div
      className={isCell ? 'growth-Widget' : ''}
      style={isCell ? {} : { height: 'calc(100vh - 32px)' }}
    >
      <div className={`growth-Panel growth-mod-${place}`}>{children}</div>
    </div>
  );
}
