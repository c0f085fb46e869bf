/** How carefully: at most so many at once, so many first, stop at so many failures. */

import * as React from 'react';

import type { IPace } from './types';
import { useSettled } from './use-settled';

const IN_FLIGHT_LIMIT = 100;
const CANARY_LIMIT = 10_000;

export interface IPaceText {
  inFlight: string;
  canaries: string;
  failures: string;
}

export function textOf(pace: IPace): IPaceText {
  return {
    inFlight: String(pace.max_in_flight),
    canaries: String(pace.canary_count),
    failures: String(Math.round(pace.stop_at_failures * 100))
  };
}

/** Return the pace that was typed, or which field is no number that can be. */
export function readPace(text: IPaceText, before: IPace): IPace | keyof IPaceText {
  const inFlight = wholeOf(text.inFlight, 1, IN_FLIGHT_LIMIT);
  const canaries = wholeOf(text.canaries, 0, CANARY_LIMIT);
  const failures = wholeOf(text.failures, 0, 100);
  if (inFlight === null) {
    return 'inFlight';
  }
  if (canaries === null) {
    return 'canaries';
  }
  return failures === null
    ? 'failures'
    : {
        ...before,
        max_in_flight: inFlight,
        canary_count: canaries,
        stop_at_failures: failures / 100
      };
}

/** Return the whole number that was typed, or null where it is none that can be. */
export function wholeOf(text: string, least: number, most: number): number | null {
  const value = Number(text);
  return /^\d+$/.test(text.trim()) && value >= least && value <= most ? value : null;
}

interface IPaceFieldsProps {
  /** The pace of the plan that is shown. */
  pace: IPace;
  /** A stop has no canaries: nothing is started that could fail. */
  hasCanaries: boolean;
  onPace(pace: IPace): void;
  /** Told whether what is typed is not what the plan is for. */
  onUnsettled(isUnsettled: boolean): void;
}

export function PaceFields(props: IPaceFieldsProps): JSX.Element {
  const { pace, hasCanaries, onPace, onUnsettled } = props;
  const [text, setText] = React.useState(() => textOf(pace));
  const wanted = readPace(text, pace);
  const next = typeof wanted === 'object' ? wanted : null;
  useSettled(next, next !== null && isSame(next, pace), text, onPace, onUnsettled);
  const field = (name: keyof IPaceText, before: string, after: string): JSX.Element => (
    <label>
      {before}{' '}
      <input
        type="text"
        inputMode="numeric"
        autoComplete="off"
        value={text[name]}
        aria-invalid={wanted === name}
        onChange={event => setText({ ...text, [name]: event.target.value })}
      />{' '}
      {after}
    </label>
  );
  return (
    <fieldset className="growth-Pace">
      <legend>How carefully</legend>
      {field('inFlight', 'At most', 'at once')}
      {hasCanaries && field('canaries', 'Canaries first:', '')}
      {field('failures', 'Stop at', '% failures')}
      {typeof wanted === 'string' && (
        <p role="alert" className="growth-Pace-wrong">
          {WRONG[wanted]}
        </p>
      )}
      {text.failures.trim() === '100' && <p className="growth-Quiet">100 %: never stops.</p>}
    </fieldset>
  );
}

const WRONG: Record<keyof IPaceText, string> = {
  inFlight: `At once: a number from 1 to ${IN_FLIGHT_LIMIT}.`,
  canaries: 'Canaries: 0 or a number. They go first, alone; if one fails, nobody else is touched.',
  failures: 'Failures: a part of 100, from 0 (the first failure) to 100 (never).'
};

function isSame(a: IPace, b: IPace): boolean {
  return (
    a.max_in_flight === b.max_in_flight &&
    a.canary_count === b.canary_count &&
    a.stop_at_failures === b.stop_at_failures
  );
}
