import * as React from 'react';

const TAIL_LENGTH = 8;

/** A long name on one line: cut in its middle, because its end tells it from others. */
export function MiddleText({ text }: { text: string }): JSX.Element {
  if (text.length <= 2 * TAIL_LENGTH) {
    return (
      <span className="growth-Middle growth-mod-whole" title={text}>
        {text}
      </span>
    );
  }
  return (
    <span className="growth-Middle" title={text}>
      <span className="growth-Middle-head">{text.slice(0, -TAIL_LENGTH)}</span>
      <span className="growth-Middle-tail">{text.slice(-TAIL_LENGTH)}</span>
    </span>
  );
}
