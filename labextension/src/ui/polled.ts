/** Something the server knows, asked again and again while somebody looks at it. */

import type { IDisposable } from '@lumino/disposable';
import { type ISignal, Signal } from '@lumino/signaling';
import * as React from 'react';

import { Problem } from '../api/problem';

export interface IPolledOptions<T> {
  load(): Promise<T>;
  /** Time between two questions while things change (default 10 s). */
  interval_ms?: number;
  /** The longest time between two questions (default 2 min). */
  longest_ms?: number;
}

const GROWTH_WHEN_QUIET = 1.3;
const GROWTH_WHEN_FAILED = 2;
const LONGEST_QUIET_FACTOR = 4;

/**
 * Polls with back-off: each failure doubles the time to the next question, up to the longest; an
 * answer equal to the last one stretches it too, up to four times the interval. Nothing is asked
 * before `start()` or after `stop()`.
 */
export class Polled<T> implements IDisposable {
  constructor(private readonly _options: IPolledOptions<T>) {
    this._wait_ms = this.interval_ms;
  }

  /** The last answer; it is the same object as long as the answer is equal. */
  data: T | null = null;
  /** Why the last question failed; null once it succeeds. */
  problem: Problem | null = null;
  /** When the last good answer came. */
  loadedAt: Date | null = null;
  isLoading = false;
  isDisposed = false;

  /** How old what is shown is: when the answer came, unless the answer itself knows better. */
  get asOf(): Date | null {
    return this.loadedAt;
  }

  /** Emitted after each answer or failure, and when a question is put. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get interval_ms(): number {
    return this._options.interval_ms ?? 10_000;
  }

  /** Time from the last answer to the next question. */
  get wait_ms(): number {
    return this._wait_ms;
  }

  /** Ask now, unless the last answer is still fresh, and go on asking. */
  start(): void {
    if (this._isActive || this.isDisposed) {
      return;
    }
    this._isActive = true;
    const age_ms = this.loadedAt ? Date.now() - this.loadedAt.getTime() : Infinity;
    this._schedule(Math.max(0, Math.min(this.interval_ms, this.interval_ms - age_ms)));
  }

  stop(): void {
    this._isActive = false;
    window.clearTimeout(this._timer);
  }

  /** Ask now and forget the back-off; resolves when the answer is there, good or bad. */
  refresh(): Promise<void> {
    this._wait_ms = this.interval_ms;
    return this._ask();
  }

  dispose(): void {
    this.stop();
    this.isDisposed = true;
    Signal.clearData(this);
  }

  private async _ask(): Promise<void> {
    window.clearTimeout(this._timer);
    const question = ++this._question;
    this.isLoading = true;
    this._changed.emit();
    try {
      const data = await this._options.load();
      if (question === this._question) {
        this._accept(data);
      }
    } catch (reason) {
      if (question === this._question) {
        this.problem = Problem.from(reason);
        this._wait_ms = Math.min(this._wait_ms * GROWTH_WHEN_FAILED, this._longest_ms);
      }
    }
    if (question === this._question && !this.isDisposed) {
      this.isLoading = false;
      this._changed.emit();
      if (this._isActive) {
        this._schedule(this._wait_ms);
      }
    }
  }

  private _accept(data: T): void {
    const text = JSON.stringify(data) ?? '';
    if (text === this._text) {
      const quiet_ms = Math.min(this.interval_ms * LONGEST_QUIET_FACTOR, this._longest_ms);
      this._wait_ms = Math.max(
        this.interval_ms,
        Math.min(this._wait_ms * GROWTH_WHEN_QUIET, quiet_ms)
      );
    } else {
      this.data = data;
      this._text = text;
      this._wait_ms = this.interval_ms;
    }
    this.problem = null;
    this.loadedAt = new Date();
  }

  private _schedule(wait_ms: number): void {
    window.clearTimeout(this._timer);
    this._timer = window.setTimeout(() => void this._ask(), wait_ms);
  }

  private get _longest_ms(): number {
    return this._options.longest_ms ?? 120_000;
  }

  private readonly _changed = new Signal<this, void>(this);
  private _isActive = false;
  private _question = 0;
  private _text: string | null = null;
  private _timer: number | undefined;
  private _wait_ms: number;
}

/** Draw the component again after each signal of the model; returns the model. */
export function useModel<M extends { changed: ISignal<unknown, unknown> }>(model: M): M {
  const version = React.useRef(0);
  const subscribe = React.useCallback(
    (callback: () => void) => {
      const onChanged = (): void => {
        version.current += 1;
        callback();
      };
      model.changed.connect(onChanged);
      return () => {
        model.changed.disconnect(onChanged);
      };
    },
    [model]
  );
  React.useSyncExternalStore(subscribe, () => version.current);
  return model;
}

/** Return whether the element can be seen: not in a hidden tab, panel or browser window. */
export function useIsVisible(element: React.RefObject<Element>): boolean {
  const [isOnScreen, setOnScreen] = React.useState(typeof IntersectionObserver === 'undefined');
  const [isPageShown, setPageShown] = React.useState(!document.hidden);
  React.useEffect(() => {
    const onChange = (): void => setPageShown(!document.hidden);
    document.addEventListener('visibilitychange', onChange);
    return () => document.removeEventListener('visibilitychange', onChange);
  }, []);
  React.useEffect(() => {
    if (typeof IntersectionObserver === 'undefined' || !element.current) {
      return;
    }
    const observer = new IntersectionObserver(entries =>
      setOnScreen(entries[entries.length - 1].isIntersecting)
    );
    observer.observe(element.current);
    return () => observer.disconnect();
  }, [element]);
  return isOnScreen && isPageShown;
}

/** Make a polled model, keep it asking while `element` can be seen, and draw its changes. */
export function usePolled<T>(
  create: () => Polled<T>,
  element: React.RefObject<Element>,
  dependencies: React.DependencyList = []
): Polled<T> {
  // eslint-disable-next-line react-hooks/exhaustive-deps -- the caller says what a new model needs
  const model = React.useMemo(create, dependencies);
  const isVisible = useIsVisible(element);
  React.useEffect(() => () => model.dispose(), [model]);
  React.useEffect(() => {
    if (isVisible) {
      model.start();
    }
    return () => model.stop();
  }, [model, isVisible]);
  return useModel(model);
}
