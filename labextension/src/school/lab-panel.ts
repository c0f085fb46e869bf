/** An area's panel in JupyterLab's main area. */

import { ReactWidget } from '@jupyterlab/ui-components';
import * as React from 'react';

import { ActionRegistry } from '../panel/actions';
import type { IArea } from '../panel/area';
import { PanelFrame } from '../panel/frame';
import type { ISchool } from '../panel/host';
import { LocalTraits } from '../panel/traits';

export class LabPanel extends ReactWidget {
  constructor(
    readonly area: IArea,
    private readonly _school: ISchool
  ) {
    super();
    this.id = `growth-admin-${area.id}`;
    this.title.label = area.label;
    this.title.caption = area.caption;
    this.title.icon = area.icon;
    this.title.closable = true;
    this.addClass('growth-LabPanel');
  }

  /** What the panel can do now. */
  readonly actions = new ActionRegistry();

  /** Put a text into the panel's filter box. */
  setFilter(text: string): void {
    this._traits.set('filter', text);
  }

  protected render(): React.ReactElement {
    return React.createElement(PanelFrame, {
      school: this._school,
      area: this.area.id,
      traits: this._traits,
      actions: this.actions,
      place: 'lab'
    });
  }

  private readonly _traits = new LocalTraits();
}
