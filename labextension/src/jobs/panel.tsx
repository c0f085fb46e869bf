import * as React from 'react';

import type { IJob, JobState } from '../api/types';
import type { IPanelProps } from '../panel/host';
import { useTrait } from '../panel/traits';
import { EmptyState } from '../ui/empty-state';
import { isPaused, JOB_TONES, JobRow } from '../ui/job-row';
import { PlanItems } from '../ui/plan-items';
import { usePolled } from '../ui/polled';
import { ProblemBanner } from '../ui/problem-banner';
import { Skeleton } from '../ui/skeleton';
import { Chips } from '../ui/table/chips';
import { chipRows, filterRows, type IChip, type IColumn } from '../ui/table/columns';
import { Toolbar } from '../ui/toolbar';
import { JobsModel } from './model';

const STATES: readonly JobState[] = ['running', 'pending', 'failed', 'succeeded', 'cancelled'];

const CHIPS: readonly IChip<IJob>[] = [
  ...STATES.map((state): IChip<IJob> => ({
    id: state,
    label: state,
    tone: JOB_TONES[state],
    test: job => job.state === state && !isPaused(job)
  })),
  { id: 'paused', label: 'paused', tone: 'warn', test: isPaused }
];

const SEARCHED: readonly IColumn<IJob>[] = [
  { id: 'title', label: 'Job', value: job => `${job.title} ${job.kind}` },
  { id: 'who', label: 'Who', value: job => job.created_by },
  { id: 'area', label: 'Area', value: job => job.area }
];

/** What runs now and what ended. */
export function JobsPanel({ host }: IPanelProps): JSX.Element {
  const root = React.useRef<HTMLDivElement>(null);
  const model = usePolled(() => new JobsModel(host.api), root, [host.api]) as JobsModel;
  const [filter, setFilter] = useTrait(host.traits, 'filter');
  const [pressed, setPressed] = React.useState<readonly string[]>([]);
  const jobs = model.data ?? [];
  const matching = filterRows(jobs, SEARCHED, filter);
  const shown = chipRows(matching, CHIPS, pressed);
  return (
    <div className="growth-Area" ref={root}>
      <Toolbar label="Jobs" filter={filter} onFilter={setFilter} polled={model} />
      {model.problem && (
        <ProblemBanner
          problem={model.problem}
          doing="Listing jobs"
          tone={model.data ? 'warn' : 'error'}
          onRetry={() => void model.refresh()}
        />
      )}
      {jobs.length > 0 && (
        <div className="growth-Table-bar">
          <Chips chips={CHIPS} rows={matching} pressed={pressed} onChange={setPressed} />
        </div>
      )}
      {!model.data && !model.problem && <Skeleton what="jobs" />}
      {model.data && shown.length === 0 && (
        <EmptyState
          sentence={
            jobs.length === 0
              ? 'No job is running, and none ended lately. Long work shows up here by itself.'
              : 'No job matches the filter.'
          }
        />
      )}
      <div
        className="growth-Jobs"
        role={shown.length > 0 ? 'feed' : undefined} // a feed without articles is a fault in ARIA
        aria-label={shown.length > 0 ? 'Jobs' : undefined}
      >
        {shown.map(job => (
          <JobRow
            key={job.id}
            job={job}
            onCancel={() => model.cancelJob(job)}
            onPause={() => model.pauseJob(job)}
            onResume={() => model.resumeJob(job)}
            onDismiss={() => model.dismissJob(job)}
            loadLog={offset => host.api.getJobLog(job.id, offset)}
          >
            {job.receipt?.items && <PlanItems items={job.receipt.items} />}
          </JobRow>
        ))}
      </div>
    </div>
  );
}
