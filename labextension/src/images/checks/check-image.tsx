/** Check an image: the button, how far the check is, and how each step of the last one went. */

import * as React from 'react';

import type { IJob } from '../../api/types';
import type { IHost } from '../../panel/host';
import { StateBadge, type Tone } from '../../ui/state-badge';
import { RelativeTime } from '../../ui/time';
import { ImageJobView } from '../image-job';
import { itemsOf, useImageJob } from '../use-image-job';
import { CHECK, startCheck } from './client';

const TONES: Record<string, Tone> = {
  ok: 'ok',
  failed: 'error',
  skipped: 'idle',
  'not-reached': 'idle'
};

interface ICheckImageProps {
  host: IHost;
  digest: string;
  /** A check has ended: its results are at the image now. */
  onEnded(): void;
}

export function CheckImage({ host, digest, onEnded }: ICheckImageProps): JSX.Element {
  const { api } = host;
  const followed = useImageJob(api, digest, CHECK, startCheck);
  const { job, isOver } = followed;
  const wasRunning = React.useRef(false);
  React.useEffect(() => {
    if (job && !isOver) {
      wasRunning.current = true;
    } else if (isOver && wasRunning.current) {
      wasRunning.current = false;
      onEnded();
    }
  }, [job, isOver, onEnded]);
  return (
    <ImageJobView
      api={api}
      followed={followed}
      name="Check of this image"
      label="Check this image"
      title="Its own checks, then your canary with this digest: start scripts, and what the bot student does. Takes a minute or some"
      doing="Checking the image"
      outcome={ended => <Outcome job={ended} />}
    />
  );
}

/** The steps of the last check; a job that failed found nothing out about the image. */
function Outcome({ job }: { job: IJob }): JSX.Element {
  const steps = itemsOf(job);
  const hasPassed = (job.receipt as { is_passed?: boolean } | null)?.is_passed === true;
  if (job.state !== 'succeeded') {
    return (
      <p className="growth-Warning">
        <span>
          {job.state === 'cancelled'
            ? 'The last check was cancelled: nothing was recorded.'
            : `The last check could not be made: ${job.problem?.detail ?? ''} ${job.problem?.hint ?? ''}`}
        </span>
      </p>
    );
  }
  return (
    <details className="growth-Check-steps" open={!hasPassed}>
      <summary>
        <StateBadge tone={hasPassed ? 'ok' : 'error'} word={hasPassed ? 'passed' : 'failed'} />{' '}
        <span className="growth-Quiet">
          last check <RelativeTime time={job.ended} /> by {job.created_by}
        </span>
      </summary>
      <ol>
        {steps.map(({ target, action, result, detail }) => (
          <li key={target}>
            <StateBadge tone={TONES[result] ?? 'idle'} word={result} /> {target}
            {action !== '-' && <span className="growth-Quiet"> {action}</span>}
            {detail && <p className="growth-Quiet">{detail}</p>}
          </li>
        ))}
      </ol>
    </details>
  );
}
