/**
 * Looks for notices to the owner of this server. Everybody's Lab fetches this file: it asks once a
 * minute while the page can be seen, is silent until there is a notice, and fetches the rest then.
 */

/** How a server is restarted that a notice announces. */
export interface IRestart {
  /** Seconds since 1970, by the server's clock. */
  at_s: number;
  may_postpone_min: number;
  may_go_now: boolean;
  asks_busy: boolean;
  /** It is stopped, and stays so. */
  is_stop: boolean;
}

/** A notice as the student's server gives it. */
export interface INotice {
  id: string;
  /** Another text once the notice was changed. */
  stamp: string;
  text: string;
  level: string;
  kind: string;
  link: string;
  restart: IRestart | null;
}

/**
 * What asking came to: `lost` when the server gave no answer, `stranger` when another process
 * answers than that which made this page.
 */
export type Outcome = 'same' | 'changed' | 'lost' | 'stranger';

export interface IWatchOptions {
  /** Address of `growth/api/notices/` on this server. */
  url: string;
  /** The key that the page was given. */
  key: string;
  interval_ms: number;
  /** Called after each answer once there was a notice, also for a server that gave none. */
  onOutcome(outcome: Outcome): void;
}

const LONGEST_MS = 600_000;
const PATIENCE_MS = 15_000;

export class NoticeWatch {
  constructor(private readonly _options: IWatchOptions) {}

  notices: readonly INotice[] = [];
  /** How far the server's clock is ahead of this page's. */
  skew_ms = 0;

  start(): void {
    document.addEventListener('visibilitychange', () => this._onVisibility());
    this._schedule(Math.random() * Math.min(5000, this._options.interval_ms));
  }

  /** Ask so often while something is about to happen; null: as usual. */
  hurry(interval_ms: number | null): void {
    const isSooner = interval_ms !== null && interval_ms < (this._hurry_ms ?? Infinity);
    this._hurry_ms = interval_ms;
    if (isSooner) {
      this._schedule(this.wait_ms);
    }
  }

  /** Ask now. Never rejects. */
  async ask(): Promise<Outcome> {
    this._asked_ms = Date.now();
    let outcome: Outcome = 'lost';
    try {
      outcome = await this._fetch();
    } catch {
      // no network, or an answer that is not ours: a student hears nothing of it
    }
    this._failures = outcome === 'lost' || outcome === 'stranger' ? this._failures + 1 : 0;
    if (this._hasBegun || this.notices.length > 0) {
      this._hasBegun = true;
      this._options.onOutcome(outcome);
    }
    return outcome;
  }

  /** Say something to a notice; resolves with whether organisers can read it. Never rejects. */
  async reply(body: Record<string, unknown>): Promise<boolean> {
    try {
      const response = await this._send('replies', {
        method: 'POST',
        body: JSON.stringify(body),
        headers: { 'Content-Type': 'application/json' }
      });
      return response.ok && ((await response.json()) as { is_kept: boolean }).is_kept;
    } catch {
      return false;
    }
  }

  /** The time until the next question: never the same for all, longer after failures. */
  get wait_ms(): number {
    const { interval_ms } = this._options;
    const usual_ms = this._hurry_ms ?? interval_ms * 2 ** Math.min(this._failures, 10);
    const longest_ms = Math.max(LONGEST_MS, interval_ms);
    return Math.min(usual_ms, longest_ms) * (0.85 + 0.3 * Math.random());
  }

  private async _fetch(): Promise<Outcome> {
    const headers: Record<string, string> = this._etag ? { 'If-None-Match': this._etag } : {};
    const response = await this._send('mine', { headers });
    if (response.status === 401 || response.status === 403) {
      return 'stranger';
    }
    if (!response.ok && response.status !== 304) {
      return 'lost';
    }
    const server_ms = Date.parse(response.headers.get('Date') ?? '');
    this.skew_ms = Number.isNaN(server_ms) ? 0 : server_ms + 500 - Date.now();
    if (response.status === 304) {
      return 'same';
    }
    this.notices = ((await response.json()) as { notices: INotice[] }).notices;
    this._etag = response.headers.get('Etag') ?? '';
    return 'changed';
  }

  private _send(path: string, init: RequestInit): Promise<Response> {
    return fetch(this._options.url + path, {
      ...init,
      cache: 'no-store',
      redirect: 'manual',
      headers: { ...init.headers, 'X-Growth-Notices': this._options.key },
      signal: AbortSignal.timeout(PATIENCE_MS)
    });
  }

  private _schedule(wait_ms: number): void {
    window.clearTimeout(this._timer);
    this._timer = window.setTimeout(() => {
      if (document.hidden && this._hurry_ms === null) {
        return; // asked again when somebody looks
      }
      void this.ask().then(() => this._schedule(this.wait_ms));
    }, wait_ms);
  }

  private _onVisibility(): void {
    if (!document.hidden) {
      this._schedule(Math.max(0, this._asked_ms + this._options.interval_ms - Date.now()));
    }
  }

  private _asked_ms = 0;
  private _etag = '';
  private _failures = 0;
  private _hasBegun = false;
  private _hurry_ms: number | null = null;
  private _timer: number | undefined;
}
