/** What stands around a panel on a page of the harness, as in JupyterLab or in a notebook's cell. */

import * as React from 'react';

import type { GrowthApi } from '../src/api/client';
import type { IMe } from '../src/api/types';
import { ActionRegistry } from '../src/panel/actions';
import type { IHost } from '../src/panel/host';
import { LocalTraits } from '../src/panel/traits';

/** Return a host of its own for a panel of this user. */
export function makeHost(api: GrowthApi, me: IMe, place: IHost['place']): IHost {
  return {
    api,
    me,
    traits: new LocalTraits(),
    actions: new ActionRegistry(),
    place,
    school: {
      api,
      editors: null,
      getMe: async () => me,
      open: () => undefined,
      openUrl: () => undefined
    }
  };
}

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
