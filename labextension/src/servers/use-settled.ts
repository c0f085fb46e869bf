/** What is typed becomes a plan once somebody has stopped typing. */

import * as React from 'react';

/** As long as somebody may still be typing the next digit. */
const SETTLE_MS = 600;

/**
 * Send what is wanted a moment after the last key, unless the plan is for that already; also when
 * the plan for what was typed before is still on its way.
 * `wanted` is null while it is wrong; `typed` changes with each key.
 */
export function useSettled<T>(
  wanted: T | null,
  isSettled: boolean,
  typed: unknown,
  onWanted: (wanted: T) => void,
  onUnsettled: (isUnsettled: boolean) => void
): void {
  const send = React.useRef(onWanted);
  send.current = onWanted;
  const sent = React.useRef<string | null>(null);
  React.useEffect(() => onUnsettled(!isSettled), [isSettled, onUnsettled]);
  React.useEffect(() => {
    const text = JSON.stringify(wanted);
    if (wanted === null || (isSettled && (sent.current ?? text) === text)) {
      return;
    }
    const timer = window.setTimeout(() => {
      sent.current = text;
      send.current(wanted);
    }, SETTLE_MS);
    return () => window.clearTimeout(timer);
    // What comes back from the server is no reason to send anything.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [typed]);
}
