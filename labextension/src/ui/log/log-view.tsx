/** A log to follow, to search and to copy, also one of ten thousand lines. */

import * as React from 'react';

import { Button } from '../button';
import { useCopy } from '../copy';
import { formatCount, plural } from '../time';
import { FilterBox } from '../toolbar';
import { type ILogText, PIECE_LINES } from './log-buffer';
import { LogPiece } from './log-piece';
import { findHits, HITS_LIMIT, hitsToMark, type IHit, stepTo } from './log-search';
import { useFollow } from './use-follow';

export interface ILogViewProps {
  /** For screen readers: "Log of r12-b35". */
  label: string;
  text: ILogText;
  /** More may come. */
  isLive: boolean;
  /** What stands there as long as there is no line. */
  empty: string;
  /** Goes to the last place of this text; another object with the same text goes there again. */
  find?: { text: string };
  box: React.RefObject<HTMLDivElement>;
}

const NO_HITS: readonly IHit[] = [];

export function LogView({ label, text, isLive, empty, find, box }: ILogViewProps): JSX.Element {
  const inner = React.useRef<HTMLDivElement>(null);
  const follow = useFollow(box, inner);
  const search = useSearch(text.pieces, find, box, follow.setFollowing);
  const [isWrapped, setWrapped] = React.useState(true);
  const seen = useSeen(text.lines + text.leftOut, follow.isFollowing);
  const [copied, copy] = useCopy();
  return (
    <div className="growth-LogView">
      <div className="growth-LogView-bar" role="group" aria-label={`${label}: search and follow`}>
        <span onKeyDown={search.onKeyDown}>
          <FilterBox
            label={`Find in ${label}`}
            hint="Find in the log"
            text={search.query}
            onChange={search.setQuery}
          />
        </span>
        {search.query && <SearchSteps {...search} />}
        <span className="growth-Toolbar-space" />
        <Button label="Wrap lines" isPressed={isWrapped} onClick={() => setWrapped(!isWrapped)} />
        <Button
          label={copied ? 'Copied' : 'Copy all'}
          look="link"
          icon="copy"
          onClick={() => copy(text.pieces.join('\n'))}
        />
        {(isLive || !follow.isFollowing) && (
          <Button
            label={follow.isFollowing ? 'Pause' : isLive ? 'Follow' : 'Go to the end'}
            title={
              follow.isFollowing
                ? 'Lines go on being read; the view stands still'
                : 'Goes to the newest line, and stays there'
            }
            icon={follow.isFollowing ? undefined : 'down'}
            onClick={() => follow.setFollowing(!follow.isFollowing)}
          />
        )}
      </div>
      <div
        ref={box}
        className="growth-Log growth-LogView-text"
        data-wraps={isWrapped}
        tabIndex={0}
        role="log"
        aria-live="off"
        aria-label={label}
        onScroll={follow.onScroll}
      >
        <div ref={inner}>
          {text.leftOut > 0 && (
            <p className="growth-LogView-note">
              {plural(text.leftOut, 'line')} before this one {text.leftOut === 1 ? 'is' : 'are'} not
              shown.
            </p>
          )}
          {text.pieces.map((piece, index) => (
            <LogPiece
              key={text.leftOut / PIECE_LINES + index}
              text={piece}
              hits={search.byPiece.get(index) ?? NO_HITS}
              current={search.currentIn(index)}
            />
          ))}
          {text.lines === 0 && <p className="growth-LogView-note">{empty}</p>}
        </div>
      </div>
      {seen.fresh > 0 && (
        <p className="growth-LogView-fresh" role="status">
          {plural(seen.fresh, 'new line')} below
        </p>
      )}
    </div>
  );
}

/** How many lines came since one stopped following. */
function useSeen(lines: number, isFollowing: boolean): { fresh: number } {
  const seen = React.useRef(lines);
  if (isFollowing) {
    seen.current = lines;
  }
  return { fresh: lines - seen.current };
}

/** Scroll the box alone; what comes into sight on the way is measured only then. */
function bringIntoSight(box: HTMLElement | null): () => void {
  let left = 3;
  let frame = 0;
  const scroll = (): void => {
    const mark = box?.querySelector('mark[data-current]');
    if (box && mark) {
      const off_px = mark.getBoundingClientRect().top - box.getBoundingClientRect().top;
      box.scrollTop += off_px - box.clientHeight / 2;
    }
    left -= 1;
    frame = left > 0 ? window.requestAnimationFrame(scroll) : 0;
  };
  scroll();
  return () => window.cancelAnimationFrame(frame);
}

interface ISearch {
  query: string;
  setQuery(query: string): void;
  count: number;
  current: number;
  byPiece: ReadonlyMap<number, readonly IHit[]>;
  /** Index among the hits of a piece of the one that one is at, or -1. */
  currentIn(piece: number): number;
  go(step: 1 | -1): void;
  onKeyDown(event: React.KeyboardEvent): void;
}

function useSearch(
  pieces: readonly string[],
  find: { text: string } | undefined,
  box: React.RefObject<HTMLElement>,
  setFollowing: (isFollowing: boolean) => void
): ISearch {
  const [query, setQuery] = React.useState('');
  const [at, setAt] = React.useState(0);
  const sought = React.useDeferredValue(query); // typing is not held up by marking
  const hits = React.useMemo(() => findHits(pieces, sought), [pieces, sought]);
  const current = Math.min(at, Math.max(0, hits.length - 1));
  const byPiece = React.useMemo(() => hitsToMark(hits, current), [hits, current]);
  const [wish, setWish] = React.useState(0);
  React.useEffect(() => {
    if (find) {
      setQuery(find.text);
      setAt(Number.MAX_SAFE_INTEGER);
      setWish(count => count + 1);
    }
  }, [find]);
  const isFound = hits.length > 0;
  React.useEffect(() => {
    if (!isFound || !sought) {
      return undefined;
    }
    setFollowing(false);
    return bringIntoSight(box.current);
  }, [isFound, sought, current, wish, box, setFollowing]);
  const go = (step: 1 | -1): void => {
    setAt(stepTo(current, hits.length, step));
    setWish(wish + 1);
  };
  return {
    query,
    setQuery: next => {
      setQuery(next);
      setAt(0);
    },
    count: hits.length,
    current,
    byPiece,
    currentIn: piece => byPiece.get(piece)?.indexOf(hits[current]) ?? -1,
    go,
    onKeyDown: event => {
      if (event.key === 'Enter' && !event.nativeEvent.isComposing) {
        event.preventDefault();
        go(event.shiftKey ? -1 : 1);
      }
    }
  };
}

/** "3 of 17", and to the one before and after. */
function SearchSteps({ count, current, go }: ISearch): JSX.Element {
  const all = count === HITS_LIMIT ? `more than ${formatCount(count)}` : formatCount(count);
  return (
    <span className="growth-LogView-steps">
      <span role="status">
        {count === 0 ? 'not found' : `${formatCount(current + 1)} of ${all}`}
      </span>
      <Button
        label="Find the one before"
        icon="up"
        look="link"
        isIconOnly
        isDisabled={count === 0}
        onClick={() => go(-1)}
      />
      <Button
        label="Find the next one"
        icon="down"
        look="link"
        isIconOnly
        isDisabled={count === 0}
        onClick={() => go(1)}
      />
    </span>
  );
}
