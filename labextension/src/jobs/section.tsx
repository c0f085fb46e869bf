/** Jobs of one area inside its own panel, with what they did. */

import * as React from 'react';

import type { IJob } from '../api/types';
import type { IHost } from '../panel/host';
import type { JobsModel } from './model';
import { Button } from '../ui/button';
import { isEnded, JobRow } from '../ui/job-row';
import { PlanItems } from '../ui/plan-items';
import { ProblemBanner } from '../ui/problem-banner';
import { plural } from '../ui/time';
import { UndoButton } from '../ui/undo-button';

const SHOWN = 3;
const FRESH_MS = 3_600_000;

/** Return the jobs worth a row: what goes on, what failed, and what I finished in the last hour; first what goes on. */
export function jobsToShow(jobs: readonly IJob[], login: string, now: number): IJob[] {
  const shown = jobs.filter(job => {
    const isFresh = now - Date.parse(job.ended ?? '') < FRESH_MS;
    return !isEnded(job) || job.state === 'failed' || (job.created_by === login && isFresh);
  });
  return [...shown].sort((a, b) => Number(isEnded(a)) - Number(isEnded(b)));
}

interface IJobsSectionProps {
  host: IHost;
  model: JobsModel;
  /** For screen readers: "Jobs of datasets". */
  label: string;
  jobs: readonly IJob[];
}

/** Jobs of this area, the first few; each stays after its end until it is dismissed. */
export function JobsSection({ host, model, label, jobs }: IJobsSectionProps): JSX.Element | null {
  const [isAll, setAll] = React.useState(false);
  const shown = isAll ? jobs : jobs.slice(0, SHOWN);
  return (
    <>
      {model.problem && (
        <ProblemBanner
          problem={model.problem}
          doing="Listing jobs"
          tone="warn"
          onRetry={() => void model.refresh()}
        />
      )}
      {jobs.length > 0 && (
        <section className="growth-JobsSection" aria-label={label}>
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
              <Outcome job={job} host={host} />
            </JobRow>
          ))}
          {jobs.length > SHOWN && (
            <Button
              label={isAll ? `Show the first ${SHOWN}` : `Show all ${plural(jobs.length, 'job')}`}
              look="link"
              onClick={() => setAll(!isAll)}
            />
          )}
        </section>
      )}
    </>
  );
}

/** What an ended job did in a sentence, what takes it back, and the items on a click. */
function Outcome({ job, host }: { job: IJob; host: IHost }): JSX.Element | null {
  const { receipt } = job;
  const items = receipt?.items ?? [];
  const [isOpen, setOpen] = React.useState(items.some(({ result }) => result === 'failed'));
  if (!isEnded(job) || !receipt) {
    return null;
  }
  return (
    <>
      <div className="growth-JobsSection-said">
        <span>{sayOnce(receipt.title ?? '', items[0]?.detail ?? '')}</span>
        {items.length > 1 && (
          <Button
            label={isOpen ? 'Hide what was done' : 'Show what was done'}
            look="link"
            isExpanded={isOpen}
            onClick={() => setOpen(!isOpen)}
          />
        )}
        {receipt.undo && <UndoButton undo={receipt.undo} api={host.api} />}
      </div>
      {isOpen && <PlanItems items={items} />}
    </>
  );
}

/** Return a title with what the detail adds to it: "Published a v1: 6 files, unverified". */
export function sayOnce(title: string, detail: string): string {
  const added = detail.split(', ').filter(part => part && !title.includes(part));
  return [title, ...added].join(', ');
}
