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

/** What a panel's frame can show: an area, or a view that only notebooks ask for. */
export interface IView {
  /** What a widget's trait `area` says. */
  id: string;
  label: string;
  /** The area that must be open to whoever looks; without it the one of this name. */
  area?: AreaId;
  /** True for a view that is open to whoever holds any area at all. */
  isForAll?: boolean;
  /** True for a view that its area is not enough for: it reaches everybody in the school. */
  isForAdmins?: boolean;
  load(): Promise<PanelComponent>;
}

export interface IArea extends IView {
  id: AreaId;
  /** One sentence: what one does here. */
  caption: string;
  icon: LabIcon;
  /** In the palette; enabled while a panel that offers the action is in front. */
  commands: readonly IAreaCommand[];
  /** One line for the sidebar, asked once a minute while it can be seen. */
  getStatus?(api: GrowthApi): Promise<IAreaStatus>;
  /** True where a part that is missing leaves the rest at work: the status is told all the same. */
  isStatusFirst?: boolean;
}
