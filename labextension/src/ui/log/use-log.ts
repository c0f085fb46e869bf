/** A log that may still grow, asked for as long as somebody looks at it. */

import * as React from 'react';

import { Problem } from '../../api/problem';
import type { IJobLog } from '../../api/types';
import { EMPTY_LOG, type ILogText, LogBuffer } from './log-buffer';

const POLL_MS = 2000;
/** A part as large as this is followed by the next one at once. */
const LARGE = 100_000;
const GONE = 404;

export interface IFollowedLog {
  text: ILogText;
  /** Nothing more will come. */
  isComplete: boolean;
  /** The first answer is there. */
  isLoaded: boolean;
  problem: Problem | null;
}

/** Follow a log by byte offsets. Another `load` is taken to be of the same log. */
export function useLog(
  load: (offset: number) => Promise<IJobLog>,
  isVisible: boolean
): IFollowedLog {
  const latest = React.useRef(load);
  latest.current = load;
  const buffer = React.useRef<LogBuffer | null>(null);
  buffer.current ??= new LogBuffer();
  const next = React.useRef(0);
  const [state, setState] = React.useState<Omit<IFollowedLog, 'problem'>>({
    text: EMPTY_LOG,
    isComplete: false,
    isLoaded: false
  });
  const [problem, setProblem] = React.useState<Problem | null>(null);
  const { isComplete } = state;
  React.useEffect(() => {
    let timer: number | undefined;
    let isOver = !isVisible || isComplete;
    const ask = async (): Promise<void> => {
      let wait_ms = POLL_MS;
      try {
        const part = await latest.current(next.current);
        if (isOver) {
          return;
        }
        next.current = part.next_offset;
        const text = buffer.current!.append(part.text);
        setProblem(null);
        setState({ text, isComplete: part.is_complete, isLoaded: true });
        isOver = part.is_complete;
        wait_ms = part.text.length >= LARGE ? 0 : POLL_MS;
      } catch (reason) {
        const said = Problem.from(reason);
        setProblem(said);
        if (!isOver && said.status === GONE) {
          isOver = true;
          setState(before => ({ ...before, isComplete: true, isLoaded: true }));
        }
      }
      if (!isOver) {
        timer = window.setTimeout(() => void ask(), wait_ms);
      }
    };
    if (!isOver) {
      void ask();
    }
    return () => {
      isOver = true;
      window.clearTimeout(timer);
    };
  }, [isVisible, isComplete]);
  return { ...state, problem };
}
