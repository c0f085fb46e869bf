/** What is typed, what it began from, and the drafts that keep it. Knows no server. */

import type { DraftStore, IDraft } from './drafts';

/** The revision that an edit began from. */
export interface IBase {
  /** Empty when there is no revision yet. */
  sha256: string;
  /** 0 when there is no revision yet. */
  number: number;
  text: string;
}

export const NO_BASE: IBase = { sha256: '', number: 0, text: '' };

export class EditedText {
  constructor(private readonly _drafts: DraftStore) {}

  base = NO_BASE;
  text = '';
  /** Why it is changed: goes with the next save. */
  reason = '';
  /** The draft that was brought back when the script was opened. */
  restored: IDraft | null = null;
  /** A draft on another revision, offered. */
  older: IDraft | null = null;

  get isDirty(): boolean {
    return this.text !== this.base.text;
  }

  /** False when unsaved text lives only as long as the page. */
  get isLasting(): boolean {
    return this._drafts.isLasting;
  }

  /** Begin with this revision; a draft on it is brought back. */
  open(base: IBase): void {
    this.base = base;
    this.text = base.text;
    const draft = this._drafts.get(base.sha256);
    if (draft && draft.text !== base.text) {
      this.restored = draft;
      this.text = draft.text;
      this.reason = draft.reason;
    }
    this._offerOlder();
  }

  type(text: string): void {
    this.text = text;
    this.keep();
  }

  explain(reason: string): void {
    this.reason = reason;
    this.keep();
  }

  /** Go on from another revision with this text. The draft on the former base stays as it is. */
  rebase(base: IBase, text: string): void {
    this.base = base;
    this.text = text;
    this.restored = null;
    this.keep();
    this._offerOlder();
  }

  /** The text as it was sent is a revision now; what was typed since goes on from it. */
  saved(base: IBase): void {
    this._drafts.drop(this.base.sha256);
    this.base = base;
    this.restored = null;
    if (!this.isDirty) {
      this.reason = '';
    }
    this.keep();
  }

  /** Throw away what is typed, on purpose. */
  discard(base: IBase): void {
    this._drafts.drop(this.base.sha256);
    this.reason = '';
    this.rebase(base, base.text);
  }

  /** Forget the draft on another revision: its text was taken over, or is not wanted. */
  dropOn(base_sha256: string): void {
    if (base_sha256 !== this.base.sha256) {
      this._drafts.drop(base_sha256);
    }
    this._offerOlder();
  }

  /** Keep what is typed as a draft; nothing is kept of what is saved already. */
  keep(): void {
    const { sha256, number, text } = this.base;
    if (!this.isDirty) {
      this._drafts.drop(sha256);
      return;
    }
    this._drafts.keep({
      base_sha256: sha256,
      base_number: number,
      base_text: text,
      text: this.text,
      reason: this.reason,
      edited: new Date().toISOString()
    });
  }

  private _offerOlder(): void {
    const others = this._drafts
      .list()
      .filter(({ base_sha256 }) => base_sha256 !== this.base.sha256);
    this.older = others.find(({ text }) => text !== this.text && text !== this.base.text) ?? null;
  }
}
