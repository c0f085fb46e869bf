/** What somebody did about notices, kept in the browser so that a reload does not forget it. */

import { PageConfig } from '@jupyterlab/coreutils';

import type { INotice } from './watch';

const LIMIT = 50;

/** Notices that were put away. */
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

/** How much more time was asked for before one restart: there is one countdown at a time. */
export class AskedTime {
  constructor(private readonly _notice: string) {}

  get minutes(): number {
    try {
      const kept: unknown = JSON.parse(window.localStorage.getItem(this._key) ?? 'null');
      const [notice, minutes] = Array.isArray(kept) ? (kept as unknown[]) : [];
      return notice === this._notice && typeof minutes === 'number' ? minutes : this._here;
    } catch {
      return this._here;
    }
  }

  keep(minutes: number): void {
    this._here = minutes;
    try {
      window.localStorage.setItem(this._key, JSON.stringify([this._notice, this._here]));
    } catch {
      // a browser that keeps nothing: known until the next reload
    }
  }

  private readonly _key = `growth-admin:more-time:${PageConfig.getBaseUrl()}`;
  private _here = 0;
}

/** A notice that was changed is another one: it is shown again. */
function markOf({ id, stamp }: INotice): string {
  return `${id} ${stamp}`;
}
