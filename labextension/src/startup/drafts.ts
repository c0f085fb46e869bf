/**
 * Unsaved text, kept so that closing a panel, a tab or the browser loses nothing. In memory, and in
 * the browser's storage under the text that the edit began from.
 */

/** What was typed and not saved. */
export interface IDraft {
  /** Hash of the revision that the edit began from; empty when there was none. */
  base_sha256: string;
  /** Number of that revision; 0 when there was none. */
  base_number: number;
  base_text: string;
  text: string;
  reason: string;
  /** ISO time of the last change. */
  edited: string;
}

/** The part of the browser's storage that is needed. */
export type DraftStorage = Pick<Storage, 'length' | 'key' | 'getItem' | 'setItem' | 'removeItem'>;

/** Drafts of one user and one script. */
export class DraftStore {
  /** `owner` tells apart what shares a browser: the user and the address of the server. */
  constructor(
    owner: string,
    script: string,
    private readonly _storage: DraftStorage | null = browserStorage()
  ) {
    this._prefix = `growth-admin:draft:${owner}:${script}:`;
  }

  /** False when the browser keeps nothing: then a draft lives as long as the page. */
  isLasting = true;

  /** Keep this draft in place of the one on the same base. */
  keep(draft: IDraft): void {
    this._memory.set(draft.base_sha256, draft);
    try {
      this._storage?.setItem(this._prefix + draft.base_sha256, JSON.stringify(draft));
      this.isLasting = this._storage !== null;
    } catch {
      this.isLasting = false; // the quota is used up, or storage is forbidden
    }
  }

  /** Forget the draft on this base: it was saved, or thrown away on purpose. */
  drop(base_sha256: string): void {
    this._memory.delete(base_sha256);
    try {
      this._storage?.removeItem(this._prefix + base_sha256);
    } catch {
      this.isLasting = false;
    }
  }

  /** Return the draft on this base, if there is one. */
  get(base_sha256: string): IDraft | null {
    return this._memory.get(base_sha256) ?? this._read(this._prefix + base_sha256);
  }

  /** Return all drafts, the one edited last first. */
  list(): IDraft[] {
    const stored = this._keys().map(key => this._read(key));
    const all = new Map(stored.filter(isThere).map(draft => [draft.base_sha256, draft]));
    this._memory.forEach(draft => all.set(draft.base_sha256, draft));
    return [...all.values()].sort((a, b) => b.edited.localeCompare(a.edited));
  }

  private _keys(): string[] {
    try {
      const count = this._storage?.length ?? 0;
      const keys = Array.from({ length: count }, (_, index) => this._storage?.key(index) ?? '');
      return keys.filter(key => key.startsWith(this._prefix));
    } catch {
      return [];
    }
  }

  private _read(key: string): IDraft | null {
    try {
      return asDraft(JSON.parse(this._storage?.getItem(key) ?? 'null'));
    } catch {
      return null;
    }
  }

  private readonly _prefix: string;
  private readonly _memory = new Map<string, IDraft>();
}

function isThere(draft: IDraft | null): draft is IDraft {
  return draft !== null;
}

/** Return what was stored if it is a whole draft: an older version may have kept another shape. */
function asDraft(value: unknown): IDraft | null {
  if (typeof value !== 'object' || value === null) {
    return null;
  }
  const draft = value as Record<keyof IDraft, unknown>;
  const texts = [draft.base_sha256, draft.base_text, draft.text, draft.reason, draft.edited];
  const isWhole =
    texts.every(text => typeof text === 'string') && typeof draft.base_number === 'number';
  return isWhole ? (value as IDraft) : null;
}

function browserStorage(): DraftStorage | null {
  try {
    return window.localStorage;
  } catch {
    return null;
  }
}
