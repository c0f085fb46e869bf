/** A job about one image in its details: the button, how far it is, and what came of the last. */

import * as React from 'react';

import type { GrowthApi } from '../api/client';
import type { IJob } from '../api/types';
import { Button } from '../ui/button';
import { JobRow } from '../ui/job-row';
import { ProblemBanner } from '../ui/problem-banner';
import type { IImageJob } from './use-image-job';

interface IImageJobViewProps {
  api: GrowthApi;
  followed: IImageJob;
  /** What the part is called to those who do not see it. */
  name: string;
  label: string;
  title: string;
  /** What is being done, in words before a problem. */
  doing: string;
  outcome(job: IJob): JSX.Element;
}

export function ImageJobView(props: IImageJobViewProps): JSX.Element {
  const { api, followed, label, title, doing } = props;
  const { job, isOver, problem, isBusy, start } = followed;
  return (
    <section className="growth-Check" aria-label={props.name}>
      {problem && <ProblemBanner problem={problem} doing={doing} />}
      {(job === null || isOver) && (
        <Button label={label} isDisabled={isBusy} title={title} onClick={start} />
      )}
      {job && !isOver && (
        <JobRow
          job={job}
          onCancel={() => api.cancelJob(job.id)}
          loadLog={offset => api.getJobLog(job.id, offset)}
        />
      )}
      {job && isOver && props.outcome(job)}
    </section>
  );
}
