/** One start script as it is edited here: its newest revision, what is typed, what is in its way. */

import type { IDisposable } from '@lumino/disposable';
import { type ISignal, Signal } from '@lumino/signaling';

import { Problem } from '../api/problem';
import type { StartupClient } from './client';
import { conflictOf, type IConflict, type Resolution, resolve } from './conflict';
import type { DraftStore } from './drafts';
import { EditedText, type IBase, NO_BASE } from './edited-text';
import { Linter } from './linter';
import type { IFinding, IHistory, IRevisionText, ISaved, IScript, ScriptName } from './types';

/** Shared by all views of a script, so that a panel and a widget show the same text. */
export class ScriptModel implements IDisposable {
  constructor(
    readonly client: StartupClient,
    readonly name: ScriptName,
    drafts: DraftStore
  ) {
    this.edited = new EditedText(drafts);
    this.linter = new Linter((text, signal) => client.lint(name, text, signal));
    this.linter.changed.connect(this._emit, this);
  }

  readonly edited: EditedText;
  readonly linter: Linter;
  script: IScript | null = null;
  head: IRevisionText | null = null;
  liveText = '';
  history: IHistory | null = null;
  /** Why the script could not be read. */
  problem: Problem | null = null;
  isSaving = false;
  /** Why the last save was refused, where that needs no decision. */
  saveProblem: Problem | null = null;
  /** Errors that block the save until a reason is given. */
  blocking: readonly IFinding[] | null = null;
  /** Both texts and the base, while one has to decide. */
  conflict: IConflict | null = null;
  isDisposed = false;

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get isLoaded(): boolean {
    return this.script !== null;
  }

  get isDirty(): boolean {
    return this.edited.isDirty;
  }

  /** Somebody saved a newer revision than the one that is edited. */
  get isBehind(): boolean {
    return this.isLoaded && this._headBase().sha256 !== this.edited.base.sha256;
  }

  get isLive(): boolean {
    return this.head !== null && this.head.revision.sha256 === this.script?.live_sha256;
  }

  /** Read the script and its history again. Keeps what is typed. */
  async load(): Promise<void> {
    const load = ++this._load;
    try {
      const [text, history] = await Promise.all([
        this.client.getScript(this.name),
        this.client.getHistory(this.name)
      ]);
      if (load !== this._load) {
        return;
      }
      this.problem = null;
      const isFirst = !this.isLoaded;
      this.script = text.script;
      this.liveText = text.live_text;
      this.head = text.head;
      this.history = history;
      this._adopt(isFirst);
    } catch (reason) {
      if (load === this._load) {
        this.problem = Problem.from(reason);
      }
    }
    this._emit();
  }

  /** Read again if this newer look at the script differs from what is known. */
  notice(script: IScript): void {
    if (this.script && JSON.stringify(this.script) !== JSON.stringify(script)) {
      void this.load();
    }
  }

  edit(text: string): void {
    if (text !== this.edited.text) {
      this.edited.type(text);
      this.saveProblem = null;
      this.linter.schedule(text);
      this._emit();
    }
  }

  setReason(reason: string): void {
    this.edited.explain(reason);
    this._emit();
  }

  /** Keep what is typed as a new revision. Resolves with it, or with null when it was refused. */
  async save(override_reason = ''): Promise<ISaved | null> {
    if (this.isSaving) {
      return null;
    }
    const { text, reason, base } = this.edited;
    this.isSaving = true;
    this.saveProblem = null;
    this._emit();
    try {
      const saved = await this.client.saveRevision(this.name, {
        text,
        reason: reason.trim(),
        base_sha256: base.sha256,
        override_reason
      });
      const { revision, findings } = saved;
      this.edited.saved({ sha256: revision.sha256, number: revision.number, text });
      this.head = { revision, text, is_lossy: false, is_live: false, evidence: [] };
      this.blocking = null;
      if (!this.isDirty) {
        this.linter.accept(findings);
      }
      await this.load();
      return saved;
    } catch (reason) {
      this._refuse(Problem.from(reason));
      return null;
    } finally {
      this.isSaving = false;
      this._emit();
    }
  }

  /** Do not save in spite of errors after all. */
  mendFirst(): void {
    this.blocking = null;
    this._emit();
  }

  /** Show both texts, before a save is refused. */
  showConflict(): void {
    const { base, text } = this.edited;
    const theirs = this.head?.text ?? '';
    this.conflict = { base: base.text, theirs, yours: text, head: this.head?.revision ?? null };
    this._emit();
  }

  /** Show an older draft beside what stands in the editor now. */
  showOlderDraft(): void {
    const { older, text } = this.edited;
    if (older) {
      this.conflict = { base: older.base_text, theirs: text, yours: older.text, head: null };
      this._emit();
    }
  }

  dropOlderDraft(): void {
    if (this.edited.older) {
      this.edited.dropOn(this.edited.older.base_sha256);
      this._emit();
    }
  }

  /** Decide later; what is typed stays as it is. */
  postponeConflict(): void {
    this.conflict = null;
    this._emit();
  }

  /** Go on with one of the three texts. One's own stays as a draft when it is not taken. */
  settle(resolution: Resolution): void {
    const { conflict, edited } = this;
    if (!conflict) {
      return;
    }
    const text = resolve(conflict, resolution);
    const origin = conflict.head ? edited.base.sha256 : (edited.older?.base_sha256 ?? '');
    if (conflict.head) {
      const { sha256, number } = conflict.head;
      this.head = {
        revision: conflict.head,
        text: conflict.theirs,
        is_lossy: false,
        is_live: false,
        evidence: this.head?.revision.sha256 === sha256 ? this.head.evidence : []
      };
      edited.rebase({ sha256, number, text: conflict.theirs }, text);
    } else {
      edited.type(text);
    }
    if (resolution !== 'theirs') {
      edited.dropOn(origin);
    }
    this.conflict = null;
    this.saveProblem = null;
    this.linter.checkNow(text);
    this._emit();
    void this.load();
  }

  /** Throw away what is typed, on purpose: the newest revision is shown. */
  discard(): void {
    this.edited.discard(this._headBase());
    this.saveProblem = null;
    this.linter.checkNow(this.edited.text);
    this._emit();
  }

  /** Put away what was said about the last save or about a draft. */
  dismiss(): void {
    this.saveProblem = null;
    this.edited.restored = null;
    this._emit();
  }

  dispose(): void {
    this.linter.dispose();
    this.isDisposed = true;
    Signal.clearData(this);
  }

  private _headBase(): IBase {
    const { head } = this;
    return head
      ? { sha256: head.revision.sha256, number: head.revision.number, text: head.text }
      : NO_BASE;
  }

  /** Show the newest revision, unless something is typed. */
  private _adopt(isFirst: boolean): void {
    const base = this._headBase();
    if (isFirst) {
      this.edited.open(base);
    } else if (!this.isDirty && base.sha256 !== this.edited.base.sha256) {
      this.edited.rebase(base, base.text);
    } else {
      return;
    }
    this.linter.checkNow(this.edited.text);
  }

  private _refuse(problem: Problem): void {
    const { findings } = problem.context;
    const isBlocked = problem.status === 422 && Array.isArray(findings);
    this.conflict = conflictOf(problem);
    this.blocking = isBlocked ? (findings as IFinding[]) : null;
    this.saveProblem = this.conflict || isBlocked ? null : problem;
  }

  private _emit(): void {
    this._changed.emit();
  }

  private readonly _changed = new Signal<this, void>(this);
  private _load = 0;
}
