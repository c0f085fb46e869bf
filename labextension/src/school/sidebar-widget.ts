import { ReactWidget } from '@jupyterlab/ui-components';
import * as React from 'react';

import type { ISchool } from '../panel/host';
import { schoolIcon } from './icon';
import { Sidebar } from './sidebar';

/** The overview of the school in Lab's left area. */
export class SchoolSidebar extends ReactWidget {
  constructor(private readonly _school: ISchool) {
    super();
    this.id = 'growth-admin-sidebar';
    this.title.icon = schoolIcon;
    this.title.caption = 'School';
    this.addClass('growth-Sidebar');
  }

  protected render(): React.ReactElement {
    return React.createElement(Sidebar, { school: this._school });
  }
}
