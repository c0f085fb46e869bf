/** What students get now, since when and why, and who runs something else. */

import * as React from 'react';

import type { IAction } from '../panel/actions';
import { ActionButton } from '../ui/button';
import { formatBytes } from '../ui/bytes';
import { Icon } from '../ui/icons';
import { MiddleText } from '../ui/middle-text';
import { StateBadge } from '../ui/state-badge';
import { formatCount, plural, RelativeTime } from '../ui/time';
import { Digest } from './digest';
import type { IMove, ITimeline } from './types';
import { gateWord, type IImageRow, knowsServers, moveWord, nameOf } from './words';

interface ILiveImageProps {
  timeline: ITimeline;
  /** What the registry says of it; nothing while that is not known. */
  row: IImageRow | null;
  restart: IAction;
}

export function LiveImage({ timeline, row, restart }: ILiveImageProps): JSX.Element | null {
  const { digest, tag, name, moves } = timeline;
  if (!digest && moves.length === 0) {
    return null; // a note says that there is no such tag yet
  }
  const move = moves.find(one => one.state !== 'not-moved') ?? null;
  return (
    <section className="growth-LiveImage" aria-label="What students get">
      <div className="growth-LiveImage-line">
        <span>
          Students start with <code title={`${name}:${tag}`}>{tag}</code>:
        </span>
        {row && row.tags[0] !== tag && (
          <strong className="growth-LiveImage-name">
            <MiddleText text={nameOf(row)} />
          </strong>
        )}
        <Digest digest={digest} />
        {row && <StateBadge tone={gateWord(row.gate).tone} word={row.gate.sentence} />}
        {row?.image && <span>{formatBytes(row.image.size_bytes)}</span>}
      </div>
      {move && <LastMove move={move} />}
      {knowsServers(timeline) && <Servers timeline={timeline} restart={restart} />}
    </section>
  );
}

function LastMove({ move }: { move: IMove }): JSX.Element {
  const { tone, word } = moveWord(move);
  return (
    <>
      <div className="growth-LiveImage-line">
        <StateBadge tone={tone} word={word} />
        <RelativeTime time={move.ended ?? move.time} />
        <span className="growth-LiveImage-why">
          {move.author ? `by ${move.author}: ${move.reason}` : move.reason}
        </span>
      </div>
      {move.force_reason && (
        <p className="growth-LiveImage-line">
          <Icon name="warn" />
          <span className="growth-LiveImage-why">
            Promoted past its checks: {move.force_reason}
          </span>
        </p>
      )}
      {move.detail && <p className="growth-Quiet">{move.detail}</p>}
    </>
  );
}

/** How many run it, how many do not, and what brings it to them. */
function Servers({ timeline, restart }: { timeline: ITimeline; restart: IAction }): JSX.Element {
  const { usage, stale, unknown } = timeline;
  const live = usage.find(({ is_live }) => is_live)?.servers ?? 0;
  const inferred = usage.reduce((sum, row) => sum + row.inferred, 0);
  return (
    <div className="growth-LiveImage-line">
      <StateBadge
        tone={stale + unknown === 0 ? 'ok' : 'info'}
        word={`${plural(live, 'server')} ${live === 1 ? 'runs' : 'run'} it`}
        title={inferred > 0 ? `${formatCount(inferred)} told by when they started` : undefined}
      />
      {stale > 0 && (
        <StateBadge
          tone="warn"
          word={`${formatCount(stale)} ${stale === 1 ? 'runs' : 'run'} another image`}
        />
      )}
      {unknown > 0 && (
        <StateBadge tone="idle" word={`of ${formatCount(unknown)} it cannot be told`} />
      )}
      {restart.isEnabled && <ActionButton action={restart} />}
    </div>
  );
}
