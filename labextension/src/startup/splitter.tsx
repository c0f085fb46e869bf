import * as React from 'react';

const LEAST = 20;
const MOST = 85;
const STEP = 5;

export interface ISplitterProps {
  label: string;
  /** Height of what is above, in percent of the box around both. */
  share: number;
  onShare(share: number): void;
}

/** A line that is dragged, or moved with the arrow keys, to share the height. */
export function Splitter({ label, share, onShare }: ISplitterProps): JSX.Element {
  const set = (next: number): void => onShare(Math.min(MOST, Math.max(LEAST, next)));
  const keys: Record<string, number> = {
    ArrowUp: share - STEP,
    ArrowDown: share + STEP,
    Home: LEAST,
    End: MOST
  };
  return (
    <div
      className="growth-Splitter"
      role="separator"
      aria-orientation="horizontal"
      aria-label={label}
      aria-valuenow={Math.round(share)}
      aria-valuemin={LEAST}
      aria-valuemax={MOST}
      tabIndex={0}
      onKeyDown={event => {
        if (event.key in keys) {
          event.preventDefault();
          set(keys[event.key]);
        }
      }}
      onPointerDown={event => event.currentTarget.setPointerCapture(event.pointerId)}
      onPointerMove={event => {
        const box = event.currentTarget.parentElement?.getBoundingClientRect();
        if (box && event.currentTarget.hasPointerCapture(event.pointerId)) {
          set(((event.clientY - box.top) / box.height) * 100);
        }
      }}
    />
  );
}
