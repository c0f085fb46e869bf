import * as React from 'react';

import { Problem } from '../api/problem';
import type { IJob, IJobLog, IProgress, JobState } from '../api/types';
import { Button } from './button';
import { formatBytes } from './bytes';
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

/** Return whether a job waits until somebody lets it go on. */
export function isPaused(job: IJob): boolean {
  return job.is_paused === true && job.state === 'pending';
}

/** Return how a job is: its state, or that it was asked to pause or to end. */
export function lookOf(job: IJob): { tone: Tone; word: string } {
  if (!isEnded(job) && job.is_cancel_asked) {
    return { tone: 'busy', word: 'cancelling' };
  }
  if (isPaused(job)) {
    return { tone: job.problem ? 'warn' : 'idle', word: 'paused' };
  }
  return job.is_paused && !isEnded(job)
    ? { tone: 'busy', word: 'pausing' }
    : { tone: JOB_TONES[job.state], word: job.state };
}

export interface IJobRowProps {
  job: IJob;
  /** Narrow: for the sidebar. */
  isCompact?: boolean;
  /** Each may reject with a Problem, which is shown in the row. */
  onCancel?(): Promise<unknown>;
  onPause?(): Promise<unknown>;
  onResume?(): Promise<unknown>;
  onDismiss?(): Promise<unknown>;
  loadLog?(offset: number): Promise<IJobLog>;
  children?: React.ReactNode;
}

/** A job: what, how far, how fast, how long still; stays after its end until dismissed. */
export function JobRow(props: IJobRowProps): JSX.Element {
  const { job, isCompact = false } = props;
  const look = lookOf(job);
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
      className={`growth-Job growth-mod-${look.tone} ${isCompact ? 'growth-mod-compact' : ''}`}
      aria-label={job.title}
    >
      <div className="growth-Job-head">
        <StateBadge {...look} />
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
          <PauseButton {...props} isBusy={isBusy} run={run} />
          {props.onCancel && !isEnded(job) && job.is_cancellable && (
            <Button
              label="Cancel"
              isDisabled={isBusy || job.is_cancel_asked}
              title={job.is_cancel_asked ? 'It was asked to end' : undefined}
              onClick={() => run(props.onCancel!)}
            />
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
        <ProblemBanner
          problem={new Problem({ status: 0, ...job.problem })}
          doing={isPaused(job) ? 'Paused' : undefined}
          tone={isPaused(job) ? 'warn' : 'error'}
        />
      )}
      {problem && <ProblemBanner problem={problem} onDismiss={() => setProblem(null)} />}
      {props.children}
      {isLogShown && props.loadLog && <JobLog key={job.id} load={props.loadLog} />}
    </article>
  );
}

interface IPauseButtonProps extends IJobRowProps {
  isBusy: boolean;
  run(action: () => Promise<unknown>): void;
}

/** Pause while it runs; resume, in front of everything else, while it is paused. */
function PauseButton(props: IPauseButtonProps): JSX.Element | null {
  const { job, isBusy, run, onPause, onResume } = props;
  if (isEnded(job) || !job.is_pausable || job.is_cancel_asked) {
    return null;
  }
  if (isPaused(job)) {
    return onResume ? (
      <Button
        label="Resume"
        look={props.isCompact ? undefined : 'primary'}
        isDisabled={isBusy}
        onClick={() => run(onResume)}
      />
    ) : null;
  }
  return onPause ? (
    <Button
      label="Pause"
      isDisabled={isBusy || job.is_paused}
      title="Stops for a while; what is fetched so far stays"
      onClick={() => run(onPause)}
    />
  ) : null;
}

/** A bar, and in words: how far, how fast, how long still. */
export function Progress({ job }: { job: IJob }): JSX.Element {
  const { done, total, unit, message, rate_per_s, eta_s } = job.progress ?? NOTHING;
  const begun = job.state === 'pending' ? 'waiting to start' : 'at work';
  const isStill = isPaused(job);
  const words = [
    total === null
      ? done > 0 && amount(done, unit)
      : `${amount(done, isBytes(unit) ? unit : '')} of ${amount(total, unit)}`,
    !isStill && rate_per_s !== null && rate_per_s > 0 && `${amount(rate_per_s, unit)}/s`,
    !isStill && eta_s !== null && `about ${formatSpan(eta_s)} left`,
    isStill ? 'goes on from here' : message
  ].filter(Boolean);
  return (
    <div className="growth-Progress">
      <progress
        aria-label={job.title}
        max={total ?? undefined}
        value={total ? Math.min(done, total) : isStill ? 0 : undefined}
      />
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

function isBytes(unit: string): boolean {
  return unit === 'B' || unit === 'bytes';
}

function amount(value: number, unit = ''): string {
  if (isBytes(unit)) {
    return formatBytes(value);
  }
  const rounded = value >= 10 ? Math.round(value) : Number(value.toFixed(1));
  return unit ? `${formatCount(rounded)} ${unit}` : formatCount(rounded);
}
