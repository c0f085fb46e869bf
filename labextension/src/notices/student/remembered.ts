/** Notices that somebody put away, kept in the browser so that a reload does not bring them back. */

import { PageConfig } from '@jupyterlab/coreutils';

import type { INotice } from './watch';

const LIMIT = 50;

export class Remembered {
  has(notice: INotice): boolean {
    return this._marks.includes(markOf(notice));
  }

  add(notice: INotice): void {
    this._marks = [...this._marks.filter(mark => mark !== markOf(notice)), markOf(notice)];
    this._marks = this._marks.slice(-LIMIT);
    try {
      window.localStorage.setItem(this._key, JSON.stringify(this._marks));
    } catch {
      // a browser that keeps nothing: it is put away until the next reload
    }
  }

  private _load(): string[] {
    try {
      const kept: unknown = JSON.parse(window.localStorage.getItem(this._key) ?? '[]');
      return Array.isArray(kept) ? kept.filter(mark => typeof mark === 'string') : [];
    } catch {
      return [];
    }
  }

  private readonly _key = `growth-admin:notices:${PageConfig.getBaseUrl()}`;
  private _marks: string[] = this._load();
}

/** A notice that was changed is another one: it is shown again. */
function markOf({ id, stamp }: INotice): string {
  return `${id} ${stamp}`;
}
