/** The strip on top of Lab. It is there only while there is something to say. */

import type { JupyterFrontEnd } from '@jupyterlab/application';
import { Widget } from '@lumino/widgets';

export class NoticeBar extends Widget {
  constructor(private readonly _app: JupyterFrontEnd) {
    super();
    this.id = 'growth-admin-notices';
    this.addClass('growth-NoticeBar');
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', 'Notices of the school');
    this._sizes.observe(this._rows);
    this.node.append(this._rows);
  }

  /** Show these rows from top to bottom; without one the strip goes away. */
  setRows(nodes: readonly HTMLElement[]): void {
    const had = this.node.contains(document.activeElement);
    const present = [...this._rows.children];
    if (present.length !== nodes.length || nodes.some((node, i) => node !== present[i])) {
      this._rows.replaceChildren(...nodes);
    }
    if (nodes.length > 0 && !this.isAttached) {
      const isLab = 'layoutModified' in this._app.shell; // else Notebook, which has no header
      this._app.shell.add(this, isLab ? 'header' : 'top', { rank: 1 });
    } else if (nodes.length === 0 && this.isAttached) {
      this.parent = null;
    }
    this._fit();
    if (had && !this.node.contains(document.activeElement)) {
      this._app.shell.currentWidget?.activate(); // what held the focus has gone
    }
  }

  override dispose(): void {
    this._sizes.disconnect();
    super.dispose();
  }

  private _fit(): void {
    this.node.style.minHeight = `${this._rows.offsetHeight}px`;
    this.parent?.fit();
  }

  private readonly _rows = document.createElement('div');
  private readonly _sizes = new ResizeObserver(() => this._fit());
}
