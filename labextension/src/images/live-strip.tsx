/** Which image students got from when until when, as a strip; the table under it says the same. */

import * as React from 'react';

import { useWidth } from '../ui/table/use-width';
import { formatMinute, formatSpan, useNow } from '../ui/time';
import type { IMove, ITimeline } from './types';
import { type IImageRow, nameOf, shortOf } from './words';

/** The newest moves are drawn; what was before them is a table's matter. */
const DRAWN = 30;
const HEIGHT_PX = 34;
const BAR_PX = 18;
const CHARACTER_PX = 6.5;
/** Also a moment of a minute can be pointed at. */
const LEAST_PX = 3;

interface ISpan {
  move: IMove;
  digest: string;
  from: number;
  until: number;
  isLive: boolean;
}

/** Return when the tag named what, the oldest first, from the moves that were done. */
export function spansOf({ moves, digest }: ITimeline, now: number): ISpan[] {
  const done = moves.filter(({ state }) => state === 'done').slice(0, DRAWN);
  return done
    .map((move, index): ISpan => {
      const next = index > 0 ? done[index - 1] : null;
      const until = next ? Date.parse(next.ended ?? next.time) : now;
      const from = Date.parse(move.ended ?? move.time);
      return {
        move,
        digest: move.to_digest,
        from: Math.min(from, until),
        until,
        isLive: !next && move.to_digest === digest
      };
    })
    .filter(({ digest: named }) => named !== '')
    .reverse();
}

interface ILiveStripProps {
  timeline: ITimeline;
  rows: readonly IImageRow[];
  onPick(move: IMove): void;
}

/** Nothing for fewer than two images: that is no past that one could look back on. */
export function LiveStrip({ timeline, rows, onPick }: ILiveStripProps): JSX.Element | null {
  const now = useNow().getTime();
  const spans = React.useMemo(() => spansOf(timeline, now), [timeline, now]);
  const named = (digest: string): string => {
    const row = rows.find(one => one.digest === digest);
    return row ? nameOf(row) : shortOf(digest);
  };
  return spans.length < 2 ? null : (
    <figure className="growth-Strip">
      <figcaption className="growth-Quiet">
        What students got, from {formatMinute(new Date(spans[0].from))} until now
      </figcaption>
      <Strip spans={spans} named={named} onPick={onPick} />
    </figure>
  );
}

interface IStripProps {
  spans: readonly ISpan[];
  named(digest: string): string;
  onPick(move: IMove): void;
}

function Strip({ spans, named, onPick }: IStripProps): JSX.Element {
  const box = React.useRef<HTMLDivElement>(null);
  const found_px = useWidth(box);
  const width_px = Number.isFinite(found_px) && found_px > 0 ? found_px : 600;
  const widths = widthsOf(spans, width_px);
  const spoken = spans.map(span => sayOf(span, named(span.digest))).join('; ');
  let x = 0;
  return (
    <div ref={box}>
      <svg role="img" aria-label={spoken} width={width_px} height={HEIGHT_PX}>
        {spans.map((span, index) => {
          const [at, wide_px] = [x, widths[index]];
          x += wide_px;
          const name = named(span.digest);
          const letters = Math.floor((wide_px - 8) / CHARACTER_PX);
          return (
            <g
              key={span.move.number}
              className="growth-Strip-span"
              data-live={span.isLive}
              data-odd={index % 2 === 1}
              onClick={() => onPick(span.move)}
            >
              <title>{sayOf(span, name)}</title>
              <rect x={at} y={0} width={Math.max(1, wide_px - 1)} height={BAR_PX} />
              {letters >= 4 && (
                <text x={at + 4} y={13}>
                  {name.length <= letters ? name : `${name.slice(0, letters - 1)}…`}
                </text>
              )}
              <path className="growth-Strip-mark" d={`M${at + 0.5} ${BAR_PX}v5`} />
              {span.move.force_reason && (
                <path className="growth-Strip-forced" d={`M${at + 1} ${HEIGHT_PX - 1}l5 -9l5 9z`} />
              )}
            </g>
          );
        })}
      </svg>
    </div>
  );
}

/** Return how wide each is: by its time, but none so narrow that it cannot be seen. */
export function widthsOf(spans: readonly ISpan[], width_px: number): number[] {
  const total = spans.reduce((sum, { from, until }) => sum + until - from, 0);
  const room_px = Math.max(0, width_px - LEAST_PX * spans.length);
  return spans.map(({ from, until }) => {
    const share = total > 0 ? (until - from) / total : 1 / spans.length;
    return LEAST_PX + share * room_px;
  });
}

function sayOf({ move, from, until, isLive }: ISpan, name: string): string {
  const how = { promote: 'promoted', 'roll-back': 'rolled back to', found: 'moved elsewhere' };
  const who = move.author ? `${how[move.action]} by ${move.author}` : how[move.action];
  const forced = move.force_reason ? ', past its checks' : '';
  const span = formatSpan((until - from) / 1000);
  return `${name} from ${formatMinute(new Date(from))}${isLive ? ' until now' : ''}, ${span}: ${who}${forced}`;
}
