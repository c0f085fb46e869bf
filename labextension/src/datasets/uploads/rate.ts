/** How fast something goes, over the last seconds. */

const WINDOW_MS = 6000;
const SHORTEST_MS = 500;

/** Takes how much is done and says how much that is per second. */
export class RateMeter {
  /** Note that `done_bytes` are done; it may go back when bytes have to be sent again. */
  note(done_bytes: number, now_ms: number = Date.now()): void {
    this._samples.push({ now_ms, done_bytes });
    this._forget(now_ms);
  }

  /** Bytes per second; null while nothing moves. */
  rate_bytes_per_s(now_ms: number = Date.now()): number | null {
    this._forget(now_ms);
    const [first] = this._samples;
    const last = this._samples[this._samples.length - 1];
    const span_ms = first && last ? now_ms - first.now_ms : 0;
    const moved_bytes = first && last ? last.done_bytes - first.done_bytes : 0;
    return span_ms < SHORTEST_MS || moved_bytes <= 0 ? null : (1000 * moved_bytes) / span_ms;
  }

  private _forget(now_ms: number): void {
    while (this._samples.length && now_ms - this._samples[0].now_ms > WINDOW_MS) {
      this._samples.shift();
    }
  }

  private readonly _samples: { now_ms: number; done_bytes: number }[] = [];
}
