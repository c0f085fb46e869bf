import * as React from 'react';

import { Problem } from '../api/problem';
import type { IJob } from '../api/types';
import { type IAction } from '../panel/actions';
import { ActionButton } from '../ui/button';
import { EmptyState } from '../ui/empty-state';
import { isEnded, JobRow } from '../ui/job-row';
import { JobLog } from '../ui/job-log';
import { ProblemBanner } from '../ui/problem-banner';
import { StateBadge } from '../ui/state-badge';
import { RelativeTime } from '../ui/time';
import { CanaryRecord } from './canary-record';
import type { Trial } from './client';
import { RehearsalReport } from './rehearsal-report';
import type { ScriptModel } from './script-model';
import { subjectOf, type TrialsModel } from './trials';
import type { IEvidence } from './types';

export interface ITrialViewProps {
  trial: Trial;
  model: ScriptModel;
  trials: TrialsModel;
  /** Starts the trial of the newest revision. */
  action: IAction;
}

const EMPTY: Record<Trial, string> = {
  rehearsal:
    'Not rehearsed yet. A rehearsal runs the script twice in a throw-away root, as a made-up student, and reports what it did to the home.',
  canary:
    'Not tried yet. The canary is a server of your own that the hub starts with this revision, in the real image; no student meets it.'
};

/** The newest trial of the script: how it goes, what came out, its log. */
export function TrialView({ trial, model, trials, action }: ITrialViewProps): JSX.Element {
  const job = trials.jobs[trial];
  const evidence = newestEvidence(model.head?.evidence ?? [], trial);
  if (!job) {
    return evidence ? (
      <Kept evidence={evidence} action={action} />
    ) : (
      <EmptyState sentence={EMPTY[trial]} action={<ActionButton action={action} />} />
    );
  }
  const subject = subjectOf(job);
  const isOther = subject !== null && subject.revision !== model.head?.revision.number;
  return (
    <div className="growth-Trial">
      {isOther && (
        <p className="growth-Notice">
          {`This was r${subject.revision}; the newest revision is r${model.head?.revision.number}. `}
          <ActionButton action={action} />
        </p>
      )}
      {job.state === 'succeeded' ? (
        <Outcome job={job} trial={trial} />
      ) : (
        <JobRow job={job} onCancel={() => trials.cancel(trial)} />
      )}
      <TrialLog key={job.id} job={job} trial={trial} model={model} />
    </div>
  );
}

/** What the rehearsal or the canary found: the work was done, the text may have failed. */
function Outcome({ job, trial }: { job: IJob; trial: Trial }): JSX.Element {
  const { title, is_passed, report, record } = (job.receipt ?? {}) as Record<string, unknown>;
  const hasConclusions = trial === 'rehearsal' && report !== undefined;
  return (
    <>
      <p className="growth-Trial-outcome">
        <StateBadge tone={is_passed ? 'ok' : 'error'} word={is_passed ? 'passed' : 'failed'} />
        <span>{job.title}</span>
        <span className="growth-Quiet">
          {`by ${job.created_by}, `}
          <RelativeTime time={job.ended} />
        </span>
      </p>
      {!hasConclusions && typeof title === 'string' && (
        <p className="growth-Trial-words">{title}</p>
      )}
      {trial === 'rehearsal' ? (
        <RehearsalReport report={report} />
      ) : (
        <CanaryRecord record={record} />
      )}
    </>
  );
}

/** The log: live for the canary, folded for a rehearsal that has ended. */
function TrialLog(props: { job: IJob; trial: Trial; model: ScriptModel }): JSX.Element {
  const { job, trial, model } = props;
  const [isOpen, setOpen] = React.useState(trial === 'canary' || !isEnded(job));
  return (
    <details
      className="growth-Trial-log"
      open={isOpen}
      onToggle={event => setOpen(event.currentTarget.open)}
    >
      <summary>Log</summary>
      {isOpen && <JobLog load={offset => model.client.api.getJobLog(job.id, offset)} />}
    </details>
  );
}

/** The job was put away; what it found stays with the text. */
function Kept({ evidence, action }: { evidence: IEvidence; action: IAction }): JSX.Element {
  return (
    <div className="growth-Trial">
      <p className="growth-Trial-outcome">
        <StateBadge
          tone={evidence.is_passed ? 'ok' : 'error'}
          word={evidence.is_passed ? 'passed' : 'failed'}
        />
        <span>{evidence.summary}</span>
      </p>
      <p className="growth-Quiet">
        {`By ${evidence.author}, `}
        <RelativeTime time={evidence.time} />. Its log and details were put away with its job.
      </p>
      <div>
        <ActionButton action={action} />
      </div>
    </div>
  );
}

/** A trial that could not be started or followed. */
export function TrialProblem({ trials }: { trials: TrialsModel }): JSX.Element | null {
  const { problem, doing } = trials;
  return problem ? (
    <ProblemBanner
      problem={problem instanceof Problem ? problem : Problem.from(problem)}
      doing={doing}
      onDismiss={() => trials.dismissProblem()}
    />
  ) : null;
}

function newestEvidence(evidence: readonly IEvidence[], trial: Trial): IEvidence | undefined {
  return [...evidence]
    .filter(item => item.step === trial)
    .sort((a, b) => b.time.localeCompare(a.time))[0];
}
