/** Pre-pull an image: the button, how many nodes have it, and what those say that have not. */

import * as React from 'react';

import type { IJob } from '../../api/types';
import type { IHost } from '../../panel/host';
import { StateBadge } from '../../ui/state-badge';
import { RelativeTime } from '../../ui/time';
import { ImageJobView } from '../image-job';
import { itemsOf, useImageJob } from '../use-image-job';
import { PREPULL, startPrePull } from './client';

interface IPrePullImageProps {
  host: IHost;
  digest: string;
}

export function PrePullImage({ host: { api }, digest }: IPrePullImageProps): JSX.Element {
  return (
    <ImageJobView
      api={api}
      followed={useImageJob(api, digest, PREPULL, startPrePull)}
      name="Pre-pull of this image"
      label="Pre-pull this image"
      title="Every node fetches it now, so that a morning of starts does not wait. Students keep what they have"
      doing="Pre-pulling the image"
      outcome={job => <Outcome job={job} />}
    />
  );
}

/** Each node after the last pre-pull; open where one has not got it. */
function Outcome({ job }: { job: IJob }): JSX.Element {
  const items = itemsOf(job);
  const isDone = job.state === 'succeeded';
  if (items.length === 0) {
    const why = [job.problem?.detail, job.problem?.hint].filter(Boolean).join(' ');
    return isDone ? (
      <p className="growth-Quiet">{titleOf(job)}.</p>
    ) : (
      <p className="growth-Warning">
        <span>
          {job.state === 'cancelled'
            ? 'The last pre-pull was cancelled: nodes that had begun go on.'
            : `The last pre-pull failed: ${why}`}
        </span>
      </p>
    );
  }
  return (
    <details className="growth-Check-steps" open={!isDone}>
      <summary>
        <StateBadge tone={isDone ? 'ok' : 'error'} word={isDone ? 'fetched' : 'failed'} />{' '}
        {titleOf(job)}{' '}
        <span className="growth-Quiet">
          <RelativeTime time={job.ended} /> by {job.created_by}
        </span>
      </summary>
      <ul>
        {items.map(({ target, result, detail }) => (
          <li key={target}>
            <StateBadge tone={result === 'done' ? 'ok' : 'error'} word={result} /> {target}
            {detail && <p className="growth-Quiet">{detail}</p>}
          </li>
        ))}
      </ul>
      {job.problem?.hint && <p className="growth-Quiet">{job.problem.hint}</p>}
    </details>
  );
}

function titleOf(job: IJob): string {
  return (job.receipt as { title?: string } | null)?.title ?? '';
}
