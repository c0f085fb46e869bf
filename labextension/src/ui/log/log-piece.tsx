import * as React from 'react';

import type { IHit } from './log-search';

export interface ILogPieceProps {
  text: string;
  /** Hits in this piece, in their order. */
  hits: readonly IHit[];
  /** The one of them that one is at, or -1. */
  current: number;
}

/** A hundred lines as one text, drawn again only when they or their hits change. */
export const LogPiece = React.memo(function LogPiece(props: ILogPieceProps): JSX.Element {
  const { text, hits, current } = props;
  const parts: React.ReactNode[] = [];
  let at = 0;
  hits.forEach(({ start, length }, index) => {
    parts.push(text.slice(at, start));
    parts.push(
      <mark key={start} data-current={index === current || undefined}>
        {text.slice(start, start + length)}
      </mark>
    );
    at = start + length;
  });
  parts.push(text.slice(at));
  return <div className="growth-LogView-piece">{parts}</div>;
});
