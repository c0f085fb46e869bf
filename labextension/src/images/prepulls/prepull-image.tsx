/** Pre-pull an image: the button, how many nodes have it, and what those say that have not. */

import * as React from 'react';

import type { IJob } from '../../api/types';
import type { IHost } from '../../panel/host';
import { Button } from '../../ui/button';
import { JobRow } from '../../ui/job-row';
import { ProblemBanner } from '../../ui/problem-banner';
import { StateBadge } from '../../ui/state-badge';
import { RelativeTime } from '../../ui/time';
import { itemsOf, useImageJob } from '../use-image-job';
import { PREPULL, startPrePull } from './client';

interface IPrePullImageProps {
  host: IHost;
  digest: string;
}

export function PrePullImage({ host: { api }, digest }: IPrePullImageProps): JSX.Element {
  const { job, isOver, problem, isBusy, start } = useImageJob(api, digest, PREPULL, startPrePull);
  return (
    <section className="growth-Check" aria-label="Pre-pull of this image">
      {problem && <ProblemBanner problem={problem} doing="Pre-pulling the image" />}
      {(job === null || isOver) && (
        <Button
          label="Pre-pull this image"
          isDisabled={isBusy}
          title="Every node fetches it now, so that a morning of starts does not wait. Students keep what they have"
          onClick={start}
        />
      )}
      {job && !isOver && (
        <JobRow
          job={job}
          onCancel={() => api.cancelJob(job.id)}
          loadLog={offset => api.getJobLog(job.id, offset)}
        />
      )}
      {job && isOver && <Outcome job={job} />}
    </section>
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
