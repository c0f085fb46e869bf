import * as React from 'react';

import { Problem } from '../api/problem';
import type { IJob, IJobLog, IProgress, JobState } from '../api/types';
import { Button } from './button';
import { JobLog } from './job-log';
import { ProblemBanner } from './problem-banner';
import { StateBadge, type Tone } from './state-badge';
import { formatCount, formatSpan, RelativeTime } from './time';

export const JOB_TONES: Record<JobState, Tone> = {
  pending: 'idle',
  running: 'busy',
  succeeded: 'ok',
  failed: 'error',
  cancelled: 'warn'
};

/** Return whether nothing more will happen to a job. */
export function isEnded(job: IJob): boolean {
  return job.state === 'succeeded' || job.state === 'failed' || job.state === 'cancelled';
}

export interface IJobRowProps {
  job: IJob;
  /** Narrow: for the sidebar. */
  isCompact?: boolean;
  /** Each may reject with a Problem, which is shown in the row. */
  onCancel?(): Promise<unknown>;
  onDismiss?(): Promise<unknown>;
  loadLog?(offset: number): Promise<IJobLog>;
  children?: React.ReactNode;
}

/** A job: what, how far, how fast, how long still; stays after its end until dismissed. */
export function JobRow(props: IJobRowProps): JSX.Element {
  const { job, isCompact = false } = props;
  const [isLogShown, setLogShown] = React.useState(false);
  const [problem, setProblem] = React.useState<Problem | null>(null);
  const [isBusy, setBusy] = React.useState(false);
  const run = (action: () => Promise<unknown>): void => {
    setBusy(true);
    setProblem(null);
    action()
      .catch(reason => setProblem(Problem.from(reason)))
      .finally(() => setBusy(false));
  };
  return (
    <article
      className={`growth-Job growth-mod-${JOB_TONES[job.state]} ${isCompact ? 'growth-mod-compact' : ''}`}
      aria-label={job.title}
    >
      <div className="growth-Job-head">
        <StateBadge tone={JOB_TONES[job.state]} word={job.state} />
        <span className="growth-Job-title" title={job.title}>
          {job.title}
        </span>
        <span className="growth-Job-who">
          {job.created_by} · <RelativeTime time={job.ended ?? job.started ?? job.created} />
        </span>
        <span className="growth-Job-actions">
          {props.loadLog && !isCompact && (
            <Button
              label={isLogShown ? 'Hide log' : 'Show log'}
              look="link"
              onClick={() => setLogShown(!isLogShown)}
            />
          )}
          {props.onCancel && !isEnded(job) && job.is_cancellable && (
            <Button label="Cancel" isDisabled={isBusy} onClick={() => run(props.onCancel!)} />
          )}
          {props.onDismiss && isEnded(job) && (
            <Button
              label="Dismiss"
              look="link"
              icon="close"
              isIconOnly
              isDisabled={isBusy}
              onClick={() => run(props.onDismiss!)}
            />
          )}
        </span>
      </div>
      {!isEnded(job) && <Progress job={job} />}
      {job.problem && isCompact && (
        <p className="growth-Job-why" title={job.problem.detail}>
          <b>{job.problem.title}.</b> {job.problem.hint}
        </p>
      )}
      {job.problem && !isCompact && (
        <ProblemBanner problem={new Problem({ status: 0, ...job.problem })} />
      )}
      {problem && <ProblemBanner problem={problem} onDismiss={() => setProblem(null)} />}
      {props.children}
      {isLogShown && props.loadLog && <JobLog key={job.id} load={props.loadLog} />}
    </article>
  );
}

/** A bar, and in words: how far, how fast, how long still. */
export function Progress({ job }: { job: IJob }): JSX.Element {
  const { done, total, unit, message, rate_per_s, eta_s } = job.progress ?? NOTHING;
  const begun = job.state === 'pending' ? 'waiting to start' : 'at work';
  const words = [
    total === null ? done > 0 && amount(done, unit) : `${amount(done)} of ${amount(total, unit)}`,
    rate_per_s !== null && rate_per_s > 0 && `${amount(rate_per_s, unit)}/s`,
    eta_s !== null && `about ${formatSpan(eta_s)} left`,
    message
  ].filter(Boolean);
  return (
    <div className="growth-Progress">
      <progress aria-label={job.title} max={total ?? undefined} value={total ? done : undefined} />
      <span>{words.join(' · ') || begun}</span>
    </div>
  );
}

const NOTHING: IProgress = {
  done: 0,
  total: null,
  unit: '',
  message: '',
  rate_per_s: null,
  eta_s: null
};

function amount(value: number, unit = ''): string {
  const rounded = value >= 10 ? Math.round(value) : Number(value.toFixed(1));
  return unit ? `${formatCount(rounded)} ${unit}` : formatCount(rounded);
}
