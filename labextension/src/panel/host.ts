/** What a panel knows about the place it stands in: never Lumino, Backbone or comms. */

import type { IEditorServices } from '@jupyterlab/codeeditor';
import * as React from 'react';

import type { GrowthApi } from '../api/client';
import type { IMe } from '../api/types';
import type { AreaId } from '../tokens';
import type { ActionRegistry } from './actions';
import type { ITraits } from './traits';

/** What all panels of a Lab share. */
export interface ISchool {
  readonly api: GrowthApi;
  /** JupyterLab's editors; null where there are none. */
  readonly editors: IEditorServices | null;
  /** Who I am: asked once; asked again after a failure. */
  getMe(): Promise<IMe>;
  /** Open an area's own panel beside this one, with this text in its filter box if given. */
  open(area: AreaId, filter?: string): void;
  /** Open what is no panel of ours, for example a server's page, in a new browser tab. */
  openUrl(url: string): void;
}

/** What one panel gets. */
export interface IHost {
  readonly school: ISchool;
  readonly api: GrowthApi;
  readonly me: IMe;
  readonly traits: ITraits;
  readonly actions: ActionRegistry;
  /** 'notebook': at most 480 px high, as wide as the cell. */
  readonly place: 'lab' | 'notebook';
}

export interface IPanelProps {
  host: IHost;
}

/** The view of one area. */
export type PanelComponent = React.ComponentType<IPanelProps>;
