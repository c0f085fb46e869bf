import * as React from 'react';

import type { IJobLog } from '../api/types';
import { LogView } from './log/log-view';
import { useLog } from './log/use-log';
import { useIsVisible } from './polled';
import { ProblemBanner } from './problem-banner';

export interface IJobLogProps {
  load(offset: number): Promise<IJobLog>;
  /** For screen readers; default "Log". */
  label?: string;
  /** Goes to the last place of this text. */
  find?: { text: string };
}

/** The log of a job; one that still grows is followed while one stands at its end. */
export function JobLog({ load, label = 'Log', find }: IJobLogProps): JSX.Element {
  const box = React.useRef<HTMLDivElement>(null);
  const isVisible = useIsVisible(box);
  const { text, isComplete, isLoaded, problem } = useLog(load, isVisible);
  return (
    <>
      {problem && <ProblemBanner problem={problem} doing="Reading the log" tone="warn" />}
      <LogView
        box={box}
        label={label}
        text={text}
        isLive={!isComplete}
        empty={problem ? '' : isLoaded ? 'Nothing was written yet.' : 'Reading the log'}
        find={find}
      />
    </>
  );
}
