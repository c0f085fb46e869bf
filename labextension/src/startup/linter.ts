/** Checks a text while it is typed: after a pause, never in its way, stale answers dropped. */

import type { IDisposable } from '@lumino/disposable';
import { type ISignal, Signal } from '@lumino/signaling';

import { Problem } from '../api/problem';
import type { IFinding } from './types';

/** Pause in typing after which the text is checked. */
export const PAUSE_MS = 400;

export type Check = (text: string, signal: AbortSignal) => Promise<IFinding[]>;

export class Linter implements IDisposable {
  constructor(private readonly _check: Check) {}

  /** The last answer; while the next one is awaited it may be about an older text. */
  findings: readonly IFinding[] = [];
  /** Why the last check did not run. Typing and saving go on without it. */
  problem: Problem | null = null;
  /** False before the first answer and while the text has changed since the last one. */
  isCurrent = false;
  isDisposed = false;

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get errorCount(): number {
    return this.findings.filter(finding => finding.severity === 'error').length;
  }

  get warningCount(): number {
    return this.findings.filter(finding => finding.severity === 'warning').length;
  }

  /** Check this text after a pause; what was asked before is no longer waited for. */
  schedule(text: string): void {
    this._plan(text, PAUSE_MS);
  }

  /** Check this text at once. */
  checkNow(text: string): void {
    this._plan(text, 0);
  }

  /** Take findings that came with another answer, for example with that of a save. */
  accept(findings: readonly IFinding[]): void {
    this._cancel();
    this._settle(findings, null);
  }

  dispose(): void {
    this._cancel();
    this.isDisposed = true;
    Signal.clearData(this);
  }

  private _plan(text: string, wait_ms: number): void {
    this._cancel();
    this.isCurrent = false;
    this._timer = window.setTimeout(() => void this._ask(text), wait_ms);
    this._changed.emit();
  }

  private _cancel(): void {
    window.clearTimeout(this._timer);
    this._abort?.abort();
    this._abort = null;
  }

  private async _ask(text: string): Promise<void> {
    const abort = new AbortController();
    this._abort = abort;
    try {
      const findings = await this._check(text, abort.signal);
      if (!abort.signal.aborted) {
        this._settle(findings, null);
      }
    } catch (reason) {
      if (!abort.signal.aborted) {
        this._settle([], Problem.from(reason));
      }
    }
  }

  private _settle(findings: readonly IFinding[], problem: Problem | null): void {
    this.findings = [...findings].sort((a, b) => a.line - b.line);
    this.problem = problem;
    this.isCurrent = true;
    this._changed.emit();
  }

  private readonly _changed = new Signal<this, void>(this);
  private _timer: number | undefined;
  private _abort: AbortController | null = null;
}
