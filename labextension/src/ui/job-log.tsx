import * as React from 'react';

import { Problem } from '../api/problem';
import type { IJobLog } from '../api/types';
import { ProblemBanner } from './problem-banner';
import { useIsVisible } from './polled';

const POLL_MS = 2000;
const KEPT_CHARACTERS = 200_000;

/** The end of a log that may still grow; follows it while one stands at its end. */
export function JobLog({ load }: { load(offset: number): Promise<IJobLog> }): JSX.Element {
  const box = React.useRef<HTMLPreElement>(null);
  const isVisible = useIsVisible(box);
  const latest = React.useRef(load);
  latest.current = load;
  const part = React.useRef<IJobLog>({ text: '', next_offset: 0, is_complete: false });
  const [text, setText] = React.useState('');
  const [problem, setProblem] = React.useState<Problem | null>(null);
  React.useEffect(() => {
    let timer: number | undefined;
    let isOver = !isVisible;
    const ask = async (): Promise<void> => {
      try {
        const next = await latest.current(part.current.next_offset);
        if (isOver) {
          return;
        }
        part.current = next;
        setProblem(null);
        setText(before => (before + next.text).slice(-KEPT_CHARACTERS));
      } catch (reason) {
        setProblem(Problem.from(reason));
      }
      if (!isOver && !part.current.is_complete) {
        timer = window.setTimeout(() => void ask(), POLL_MS);
      }
    };
    if (isVisible && !part.current.is_complete) {
      void ask();
    }
    return () => {
      isOver = true;
      window.clearTimeout(timer);
    };
  }, [isVisible]);
  const follows = React.useRef(true);
  React.useLayoutEffect(() => {
    if (box.current && follows.current) {
      box.current.scrollTop = box.current.scrollHeight;
    }
  }, [text]);
  return (
    <>
      {problem && <ProblemBanner problem={problem} doing="Reading the log" tone="warn" />}
      <pre
        ref={box}
        className="growth-Log"
        tabIndex={0}
        role="log"
        aria-label="Log"
        onScroll={event => {
          const { scrollTop, scrollHeight, clientHeight } = event.currentTarget;
          follows.current = scrollHeight - scrollTop - clientHeight < 8;
        }}
      >
        {text || 'Nothing was written yet.'}
      </pre>
    </>
  );
}
