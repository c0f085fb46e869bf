/** Shows notices: fetched with the first of them, never at the start of a Lab. */

import '../../../style/notices.css';

import type { JupyterFrontEnd } from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';

import { NoticeBar } from './bar';
import { Remembered } from './remembered';
import { RestartRow } from './restart';
import { createRow, type IRow } from './row';
import type { INotice, NoticeWatch, Outcome } from './watch';

interface IShown {
  stamp: string;
  row: Pick<IRow, 'node'> & { dispose?(): void };
}

export class NoticeBoard {
  constructor(
    private readonly _app: JupyterFrontEnd,
    private readonly _watch: NoticeWatch
  ) {
    this._bar = new NoticeBar(_app);
  }

  /** Draw what is known now. */
  onOutcome(outcome: Outcome): void {
    if (outcome === 'changed' || !this._isDrawn) {
      this._isDrawn = true;
      this._draw();
    }
    this._restart?.onOutcome(outcome);
    this._watch.hurry(this._restart?.hurry_ms ?? null);
  }

  private _draw(): void {
    const notices = this._watch.notices;
    for (const notice of notices.filter(({ kind }) => kind === 'toast')) {
      this._toast(notice);
    }
    const bars = notices.filter(({ kind }) => kind !== 'toast');
    for (const id of [...this._shown.keys()].filter(id => !bars.some(bar => bar.id === id))) {
      this._forget(id);
    }
    for (const notice of bars) {
      this._show(notice);
    }
    this._arrange();
  }

  private _show(notice: INotice): void {
    const shown = this._shown.get(notice.id);
    if (notice.restart) {
      if (this._restart?.notice.id === notice.id) {
        this._restart.change(notice);
        return;
      }
      if (this._restart) {
        return; // one countdown at a time: the first that was announced
      }
      this._restart = new RestartRow(this._app, this._watch, notice);
      this._shown.set(notice.id, { stamp: notice.stamp, row: this._restart });
    } else {
      if (shown?.stamp === notice.stamp || this._dismissed.has(notice)) {
        return;
      }
      const dismiss = (): void => {
        this._dismissed.add(notice);
        this._forget(notice.id);
        this._arrange();
      };
      this._shown.set(notice.id, { stamp: notice.stamp, row: createRow(notice, { dismiss }) });
    }
    this._tellSeen(notice);
  }

  private _toast(notice: INotice): void {
    if (this._dismissed.has(notice)) {
      return;
    }
    this._dismissed.add(notice);
    const open = (): void => void window.open(notice.link, '_blank', 'noopener');
    const actions = notice.link.startsWith('https://')
      ? [{ label: 'Read more', callback: open }]
      : [];
    Notification.emit(notice.text, notice.level === 'warning' ? 'warning' : 'info', {
      autoClose: notice.level === 'warning' ? false : 20_000,
      actions
    });
    this._tellSeen(notice);
  }

  private _tellSeen(notice: INotice): void {
    if (!this._told.has(notice.id)) {
      this._told.add(notice.id);
      void this._watch.reply({ notice: notice.id, kind: 'seen' });
    }
  }

  private _forget(id: string): void {
    const shown = this._shown.get(id);
    if (this._restart?.notice.id === id) {
      if (this._restart.isBack) {
        return; // what was announced has happened: the row stays until the page is loaded again
      }
      this._restart = null;
    }
    shown?.row.dispose?.();
    this._shown.delete(id);
  }

  private _arrange(): void {
    this._bar.setRows([...this._shown.values()].map(({ row }) => row.node));
  }

  private readonly _bar: NoticeBar;
  private readonly _dismissed = new Remembered();
  private readonly _shown = new Map<string, IShown>();
  private readonly _told = new Set<string>();
  private _isDrawn = false;
  private _restart: RestartRow | null = null;
}
