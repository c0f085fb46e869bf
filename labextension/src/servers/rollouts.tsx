/** Rollouts on top of the panel: those that run, and what the last ones did. */

import * as React from 'react';

import type { IJob } from '../api/types';
import type { JobsModel } from '../jobs/model';
import { Button } from '../ui/button';
import { isEnded, isPaused, JobRow } from '../ui/job-row';
import { PlanItems } from '../ui/plan-items';
import { ProblemBanner } from '../ui/problem-banner';
import { StateBadge, type Tone } from '../ui/state-badge';
import { formatCount, plural } from '../ui/time';
import { ToldLine } from './told-line';
import { ToldReceipt } from './told-receipt';
import { type IRollout, rolloutOf, targetsOf, WAVES_DRAWN, wavesOf, type WaveState } from './waves';

const SHOWN = 3;

interface IRolloutsProps {
  model: JobsModel;
  jobs: readonly IJob[];
  loadLog(
    job: IJob,
    offset: number
  ): ReturnType<React.ComponentProps<typeof JobRow>['loadLog'] & object>;
  /** Choose these servers in the table. */
  onSelect(keys: readonly string[]): void;
}

export function Rollouts(props: IRolloutsProps): JSX.Element | null {
  const { model, jobs } = props;
  const [isAll, setAll] = React.useState(false);
  return (
    <>
      {model.problem && (
        <ProblemBanner
          problem={model.problem}
          doing="Listing what runs"
          tone="warn"
          onRetry={() => void model.refresh()}
        />
      )}
      {jobs.length > 0 && (
        <section className="growth-JobsSection growth-Rollouts" aria-label="Rollouts">
          {(isAll ? jobs : jobs.slice(0, SHOWN)).map(job => (
            <Rollout key={job.id} {...props} job={job} />
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

function Rollout(props: IRolloutsProps & { job: IJob }): JSX.Element {
  const { model, job, loadLog } = props;
  const rollout = rolloutOf(job);
  // The waves below say what the message does, for the eye.
  const shown =
    rollout && job.progress ? { ...job, progress: { ...job.progress, message: '' } } : job;
  return (
    <JobRow
      job={shown}
      onCancel={() => model.cancelJob(job)}
      onPause={() => model.pauseJob(job)}
      onResume={() => model.resumeJob(job)}
      onDismiss={() => model.dismissJob(job)}
      loadLog={offset => loadLog(job, offset)}
    >
      {rollout && !isEnded(job) && <Waves rollout={rollout} job={job} />}
      {rollout?.told && !isEnded(job) && <ToldLine told={rollout.told} isPaused={isPaused(job)} />}
      {isEnded(job) && job.receipt && <Outcome job={job} onSelect={props.onSelect} />}
    </JobRow>
  );
}

const MARKS: Record<WaveState, string> = { done: '●', now: '◐', next: '○' };
type Counted = 'inFlight' | 'done' | 'failed' | 'skipped' | 'left';
const NUMBERS: readonly [Counted, string, Tone][] = [
  ['inFlight', 'in flight', 'busy'],
  ['done', 'done', 'ok'],
  ['failed', 'failed', 'error'],
  ['skipped', 'skipped', 'warn'],
  ['left', 'left', 'idle']
];

interface IWavesProps {
  rollout: IRollout;
  job: IJob;
}

/** ● ● ◐ ○ ○ wave 3 of 5 · 10 in flight · 20 done · 1 failed · stops at 10 % failures. */
function Waves({ rollout, job }: IWavesProps): JSX.Element {
  const { wave, waves, maxInFlight, stopAtPercent } = rollout;
  return (
    <div className="growth-Waves">
      {waves > 1 && waves <= WAVES_DRAWN && (
        <span className="growth-Waves-marks" aria-hidden="true">
          {wavesOf(rollout, false).map((state, index) => (
            <span key={index} data-state={state} title={`Wave ${index + 1}`}>
              {MARKS[state]}
            </span>
          ))}
        </span>
      )}
      <span>
        wave {formatCount(wave)} of {formatCount(waves)}
      </span>
      {NUMBERS.filter(([name]) => rollout[name] > 0 || name === 'failed').map(
        ([name, word, tone]) => (
          <StateBadge
            key={name}
            tone={rollout[name] > 0 ? tone : 'idle'}
            word={`${formatCount(rollout[name])} ${word}`}
          />
        )
      )}
      <span className="growth-Quiet">
        at most {formatCount(maxInFlight)} at once
        {stopAtPercent !== null && `, ${spellStop(stopAtPercent)}`}
      </span>
      {job.is_paused && !isPaused(job) && rollout.inFlight > 0 && (
        <span role="status">Those in flight come back first.</span>
      )}
    </div>
  );
}

/** Return "stops at 10 % failures", and the two ends in words. */
export function spellStop(percent: number): string {
  if (percent === 0) {
    return 'stops at the first failure';
  }
  return percent >= 100 ? 'does not stop at failures' : `stops at ${percent} % failures`;
}

/** The receipt in one line; its items on a click; who failed can be chosen for the next plan. */
function Outcome({
  job,
  onSelect
}: {
  job: IJob;
  onSelect: IRolloutsProps['onSelect'];
}): JSX.Element {
  const [isOpen, setOpen] = React.useState(false);
  const failed = targetsOf(job, 'failed');
  const skipped = targetsOf(job, 'skipped');
  const items = job.receipt?.items ?? [];
  return (
    <>
      <div className="growth-JobsSection-said">
        <span>{job.receipt?.title}</span>
        {failed.length > 0 && (
          <StateBadge tone="error" word={`${formatCount(failed.length)} failed`} />
        )}
        {skipped.length > 0 && (
          <StateBadge tone="warn" word={`${formatCount(skipped.length)} skipped`} />
        )}
        {items.length > 0 && (
          <Button
            label={isOpen ? 'Hide the receipt' : 'Show the receipt'}
            look="link"
            isExpanded={isOpen}
            onClick={() => setOpen(!isOpen)}
          />
        )}
        {failed.length > 0 && (
          <Button
            label={
              failed.length === 1
                ? 'Select who failed'
                : `Select the ${formatCount(failed.length)} that failed`
            }
            look="link"
            onClick={() => onSelect(failed)}
          />
        )}
      </div>
      <ToldReceipt items={items} />
      {isOpen && <PlanItems items={items} />}
    </>
  );
}
