/** Staying at the end of a text that grows, until one scrolls up or pauses. */

import * as React from 'react';

const NEAR_PX = 8;

export interface IFollow {
  isFollowing: boolean;
  /** Pause, or go to the end and stay there. */
  setFollowing(isFollowing: boolean): void;
  onScroll(): void;
}

/** `inner` is what grows in `box`. */
export function useFollow(
  box: React.RefObject<HTMLElement>,
  inner: React.RefObject<HTMLElement>
): IFollow {
  const [isFollowing, setState] = React.useState(true);
  const follows = React.useRef(true);
  const lastTop_px = React.useRef(0);
  const setFollowing = React.useCallback(
    (next: boolean): void => {
      follows.current = next;
      setState(next);
      if (next && box.current) {
        box.current.scrollTop = box.current.scrollHeight;
      }
    },
    [box]
  );
  const toEnd = React.useCallback(() => {
    if (follows.current && box.current) {
      box.current.scrollTop = box.current.scrollHeight;
    }
  }, [box]);
  React.useLayoutEffect(toEnd);
  React.useEffect(() => {
    // what comes into sight is measured then, and may be higher than it was guessed
    if (typeof ResizeObserver === 'undefined' || !inner.current) {
      return;
    }
    const observer = new ResizeObserver(toEnd);
    observer.observe(inner.current);
    return () => observer.disconnect();
  }, [inner, toEnd]);
  const onScroll = (): void => {
    if (!box.current) {
      return;
    }
    const { scrollTop, scrollHeight, clientHeight } = box.current;
    const isAtEnd = scrollHeight - scrollTop - clientHeight < NEAR_PX;
    const isUp = scrollTop < lastTop_px.current - 1;
    lastTop_px.current = scrollTop;
    if (isAtEnd !== follows.current && (isAtEnd || isUp)) {
      follows.current = isAtEnd;
      setState(isAtEnd);
    }
  };
  return { isFollowing, setFollowing, onScroll };
}
