/** How an area introduces itself: what its `plugin.ts` exports. */

import type { LabIcon } from '@jupyterlab/ui-components';

import type { GrowthApi } from '../api/client';
import type { AreaId } from '../tokens';
import type { PanelComponent } from './host';

/** A command of a panel; what it does stands in the panel (see `useActions`). */
export interface IAreaCommand {
  /** Without the prefix: `servers-restart`. */
  id: string;
  /** For the palette: "Restart the selected servers". */
  label: string;
}

/** How an area is: "6 of 312 starts failed since 08:30". */
export interface IAreaStatus {
  text: string;
  tone?: 'error' | 'warn';
}

export interface IArea {
  id: AreaId;
  label: string;
  /** One sentence: what one does here. */
  caption: string;
  icon: LabIcon;
  /** In the palette; enabled while a panel that offers the action is in front. */
  commands: readonly IAreaCommand[];
  /** True for an area that is open to whoever holds any area at all. */
  isForAll?: boolean;
  load(): Promise<PanelComponent>;
  /** One line for the sidebar, asked once a minute while it can be seen. */
  getStatus?(api: GrowthApi): Promise<IAreaStatus>;
}
