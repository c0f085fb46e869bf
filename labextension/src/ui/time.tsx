/** Moments and spans, in words. Times are shown in the viewer's zone. */

import * as React from 'react';

const MINUTE_S = 60;
const HOUR_S = 60 * MINUTE_S;
const DAY_S = 24 * HOUR_S;

// Made once: making one takes longer than drawing a row.
const MOMENT = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'long' });
const MINUTE = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });
const COUNT = new Intl.NumberFormat();

/** Return a span of time in at most two units: "3.1 s", "4 min", "2 h 5 min", "3 d". */
export function formatSpan(span_s: number): string {
  const s = Math.max(0, span_s);
  if (s > 0 && s < 0.05) {
    return '< 0.1 s'; // it did run
  }
  if (s < 10) {
    return `${Number(s.toFixed(1))} s`;
  }
  if (s < MINUTE_S) {
    return `${Math.floor(s)} s`;
  }
  if (s < HOUR_S) {
    return `${Math.floor(s / MINUTE_S)} min`;
  }
  if (s < DAY_S) {
    const minutes = Math.floor((s % HOUR_S) / MINUTE_S);
    return `${Math.floor(s / HOUR_S)} h${minutes ? ` ${minutes} min` : ''}`;
  }
  return `${Math.floor(s / DAY_S)} d`;
}

/** Return how long ago, in one unit: "now", "12 s ago", "3 h ago", "in 5 min". */
export function formatAgo(moment: Date, now: Date): string {
  const ago_s = Math.floor((now.getTime() - moment.getTime()) / 1000);
  if (Math.abs(ago_s) < 5) {
    return 'now';
  }
  const whole_s =
    Math.abs(ago_s) >= HOUR_S ? Math.abs(ago_s) - (Math.abs(ago_s) % HOUR_S) : Math.abs(ago_s);
  return ago_s > 0 ? `${formatSpan(whole_s)} ago` : `in ${formatSpan(whole_s)}`;
}

/** Return date, time and zone as the viewer's language writes them. */
export function formatMoment(moment: Date): string {
  return MOMENT.format(moment);
}

/** Return date and time without seconds and zone, for the middle of a sentence. */
export function formatMinute(moment: Date): string {
  return MINUTE.format(moment);
}

/** Return a number with the viewer's separators. */
export function formatCount(count: number): string {
  return COUNT.format(count);
}

/** Return "1 server" or "43 servers". */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

const listeners = new Set<() => void>();
let ticker: number | undefined;
let now = new Date();

/** One clock for the whole page, standing still while nobody looks at it. */
function listen(listener: () => void): () => void {
  listeners.add(listener);
  ticker ??= window.setInterval(() => {
    now = new Date();
    listeners.forEach(call => call());
  }, 5000);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) {
      window.clearInterval(ticker);
      ticker = undefined;
    }
  };
}

/** Return the time; the component is drawn again every 5 s. */
export function useNow(): Date {
  React.useSyncExternalStore(listen, () => now);
  return new Date();
}

/** "2 min ago" with the absolute time in the tooltip; a dash for no time. */
export function RelativeTime({ time }: { time: string | Date | null | undefined }): JSX.Element {
  const current = useNow();
  const moment = time ? new Date(time) : null;
  if (!moment || Number.isNaN(moment.getTime())) {
    return <span className="growth-None">–</span>;
  }
  return (
    <time dateTime={moment.toISOString()} title={formatMoment(moment)}>
      {formatAgo(moment, current)}
    </time>
  );
}
