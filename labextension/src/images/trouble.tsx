/** What cannot be asked now, what should be set otherwise, and why there is no plan. */

import * as React from 'react';

import type { IAsking } from '../panel/use-plan';
import type { Polled } from '../ui/polled';
import { ProblemBanner } from '../ui/problem-banner';
import type { IImages, ITimeline } from './types';

interface ITroubleProps {
  images: Polled<IImages>;
  timeline: Polled<ITimeline>;
}

/** Said once where registry and timeline say the same. */
export function Trouble({ images, timeline }: ITroubleProps): JSX.Element {
  const said = images.problem?.detail;
  const notes = new Set([...(images.data?.notes ?? []), ...(timeline.data?.notes ?? [])]);
  return (
    <>
      {images.problem && (
        <ProblemBanner
          problem={images.problem}
          doing="Listing the images"
          tone={images.data ? 'warn' : 'error'}
          onRetry={() => void images.refresh()}
        />
      )}
      {timeline.problem && timeline.problem.detail !== images.problem?.detail && (
        <ProblemBanner
          problem={timeline.problem}
          doing="Reading the timeline"
          tone={timeline.data ? 'warn' : 'error'}
          onRetry={() => void timeline.refresh()}
        />
      )}
      {[...notes]
        .filter(note => !said || !note.includes(said))
        .map(note => (
          <p className="growth-Notice" role="status" key={note}>
            {note}
          </p>
        ))}
    </>
  );
}

interface IPlanningProps {
  asking: IAsking;
  close(): void;
}

/** That a plan is being made, or why there is none. */
export function Planning({ asking, close }: IPlanningProps): JSX.Element | null {
  if (asking.problem) {
    return <ProblemBanner problem={asking.problem} doing={asking.doing} onDismiss={close} />;
  }
  return asking.isAsking ? (
    <p className="growth-Notice" role="status">
      Planning: {asking.doing}
    </p>
  ) : null;
}
