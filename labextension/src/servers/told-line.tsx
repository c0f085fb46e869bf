/** What users who were told have said so far, and when the next of them goes. */

import * as React from 'react';

import { timeLeft } from '../notices/student/time-left';
import { StateBadge, type Tone } from '../ui/state-badge';
import { formatCount, formatMoment } from '../ui/time';
import type { ITold } from './waves';

const TICK_MS = 1000;
const SAID: readonly [keyof ITold, string, Tone][] = [
  ['saw', 'saw it', 'ok'],
  ['saved', 'saved', 'ok'],
  ['unsaved', 'could not save', 'error'],
  ['wantedTime', 'asked for more time', 'info'],
  ['ready', 'ready before the time', 'info'],
  ['busy', 'with busy kernels', 'busy']
];
/** What is said even when it is nobody: that nobody saw it matters. */
const ALWAYS: readonly (keyof ITold)[] = ['saw', 'saved'];

export function ToldLine({ told, isPaused }: { told: ITold; isPaused: boolean }): JSX.Element {
  return (
    <div className="growth-Waves growth-Told">
      {told.next_s !== null && !isPaused && <Countdown at_s={told.next_s} />}
      <span>{formatCount(told.warned)} told:</span>
      {SAID.filter(([name]) => (told[name] ?? 0) > 0 || ALWAYS.includes(name)).map(
        ([name, words, tone]) => (
          <StateBadge
            key={name}
            tone={told[name] ? tone : 'idle'}
            word={`${formatCount(told[name] ?? 0)} ${words}`}
          />
        )
      )}
      {isPaused && (
        <span className="growth-Quiet">
          The notice is taken back; on Resume those who are left are told anew.
        </span>
      )}
    </div>
  );
}

/** "Next in 4 min 10 s (08:55)"; read to nobody each second. */
function Countdown({ at_s }: { at_s: number }): JSX.Element {
  const [now_ms, setNow] = React.useState(Date.now);
  React.useEffect(() => {
    const timer = window.setInterval(() => setNow(Date.now()), TICK_MS);
    return () => window.clearInterval(timer);
  }, []);
  return (
    <b
      className="growth-Told-countdown"
      role="timer"
      aria-live="off"
      title={formatMoment(new Date(at_s * 1000))}
    >
      Next {timeLeft(at_s - now_ms / 1000, at_s)}
    </b>
  );
}
