/** Plan, apply, receipt: one dialog from the sentence to the undo. */

import * as React from 'react';

import { Problem } from '../api/problem';
import type { GrowthApi } from '../api/client';
import type { IJob, IPlan, IReceipt } from '../api/types';
import { Button } from './button';
import { Dialog, type IDialogProps } from './dialog';
import { Icon } from './icons';
import { isEnded, Progress } from './job-row';
import { PlanItems } from './plan-items';
import { ProblemBanner } from './problem-banner';
import { formatCount } from './time';
import { UndoButton } from './undo-button';
import { useJob } from './use-job';

export interface IPlanDialogProps {
  plan: IPlan;
  /** Repeats the verb and the number: "Restart 43 servers". */
  applyLabel: string;
  /** Draws the button as one that takes something away. */
  isDanger?: boolean;
  /** Start it; the answer is the job, or the receipt of what is done already. */
  apply(plan: IPlan): Promise<{ job: IJob } | { receipt: IReceipt }>;
  /** Follows and cancels the job, and takes back what was done. */
  api: GrowthApi;
  /** Make the plan again, after the world has changed under it. */
  replan?(): void;
  /** Why the plan could not be made again. */
  replanProblem?: Problem | null;
  /** In place of the plan's items: a body that knows more about them. */
  children?: React.ReactNode;
  /** Whether there is nothing to apply; default: a plan without items. */
  isEmpty?: boolean;
  /** Another plan is being made: this one cannot be applied meanwhile. */
  isBusy?: boolean;
  /** What is still to be said before it can be applied: the tooltip of the button meanwhile. */
  lacks?: string;
  /** Under the receipt: what there is to do next. */
  next?: React.ReactNode;
  /** What the other button says; default "Do nothing". */
  leaveLabel?: string;
  /** Instead of a dialog, for example a page of a wizard. */
  frame?: React.ComponentType<IDialogProps>;
  /** Called with what is running or was done, if anything. */
  onClose(outcome: { job?: IJob; receipt?: IReceipt }): void;
}

interface IApplying {
  phase: 'review' | 'running' | 'ended';
  isStarting: boolean;
  job: IJob | null;
  receipt: IReceipt | null;
  problem: Problem | null;
  start(): Promise<void>;
  /** Forget why it was refused: a plan that is made again may be the same. */
  forget(): void;
}

export function PlanDialog(props: IPlanDialogProps): JSX.Element {
  const { plan, frame: Frame = Dialog } = props;
  const applying = useApply(props);
  const { phase, job, receipt, problem } = applying;
  const ending = useCancel(props.api, job?.id ?? '');
  const close = (): void => props.onClose({ job: job ?? undefined, receipt: receipt ?? undefined });
  if (phase === 'review') {
    return <Review {...props} applying={applying} close={close} />;
  }
  const isOver = phase === 'ended';
  return (
    <Frame
      title={isOver ? (receipt?.title ?? `${plan.title}: ${job?.state ?? 'done'}`) : plan.title}
      onClose={close}
      footer={
        <Footer
          {...props}
          ending={ending}
          job={job}
          receipt={receipt}
          isOver={isOver}
          close={close}
        />
      }
    >
      {!isOver && ending.problem && (
        <ProblemBanner problem={ending.problem} doing="Cancelling the job" />
      )}
      {problem && <ProblemBanner problem={problem} doing="Following the job" tone="warn" />}
      {job?.problem && (
        <ProblemBanner problem={new Problem({ status: 0, ...job.problem })} doing={plan.title} />
      )}
      {!isOver && job && (
        <>
          <Progress job={job} />
          <p className="growth-Dialog-note">
            You may close this: it goes on, and stands in the sidebar under Jobs.
          </p>
        </>
      )}
      {receipt?.items && <PlanItems items={receipt.items} />}
      {isOver && props.next}
    </Frame>
  );
}

/** What follows from a click on the button: starting, asking how far, the end. */
function useApply({ plan, apply, api }: IPlanDialogProps): IApplying {
  const [isStarting, setStarting] = React.useState(false);
  const [started, setStarted] = React.useState<{ job: IJob } | { receipt: IReceipt } | null>(null);
  const [refusal, setRefusal] = React.useState<Problem | null>(null);
  const first = started && 'job' in started ? started.job : null;
  const followed = useJob(api, first && !isEnded(first) ? first.id : null);
  const job = followed.job ?? first;
  const start = async (): Promise<void> => {
    setStarting(true);
    setRefusal(null);
    try {
      setStarted(await apply(plan));
    } catch (reason) {
      setRefusal(Problem.from(reason));
    }
    setStarting(false);
  };
  const phase = !started ? 'review' : job && !isEnded(job) ? 'running' : 'ended';
  const receipt = started && 'receipt' in started ? started.receipt : (job?.receipt ?? null);
  const problem = refusal ?? followed.problem;
  return { phase, isStarting, job, receipt, problem, start, forget: () => setRefusal(null) };
}

interface IEnding {
  step: 'offered' | 'asking' | 'asked';
  problem: Problem | null;
  cancel(): void;
}

/** Asks the job to end; a request that fails can be made again. */
function useCancel(api: GrowthApi, jobId: string): IEnding {
  const [step, setStep] = React.useState<IEnding['step']>('offered');
  const [problem, setProblem] = React.useState<Problem | null>(null);
  const cancel = (): void => {
    setStep('asking');
    setProblem(null);
    api.cancelJob(jobId).then(
      () => setStep('asked'),
      reason => {
        setProblem(Problem.from(reason));
        setStep('offered');
      }
    );
  };
  return { step, problem, cancel };
}

interface IReviewProps extends IPlanDialogProps {
  applying: IApplying;
  close(): void;
}

/** Warnings first, then the items; a large plan wants its number typed. */
function Review(props: IReviewProps): JSX.Element {
  const { plan, applying, replan, frame: Frame = Dialog } = props;
  const { isStarting, problem } = applying;
  const [typed, setTyped] = React.useState('');
  const wanted = plan.confirm_number;
  const isConfirmed = wanted === null || Number(typed.replace(/[\s,.']/g, '')) === wanted;
  const isEmpty = props.isEmpty ?? plan.items.length === 0;
  const canStart = isConfirmed && !isStarting && !isEmpty && !props.isBusy && !props.lacks;
  const apply = (
    <Button
      label={isStarting ? 'Starting' : props.applyLabel}
      look={props.isDanger ? 'danger' : 'primary'}
      isDisabled={!canStart}
      title={isConfirmed ? props.lacks : `Type ${wanted} first`}
      onClick={() => void applying.start()}
    />
  );
  return (
    <Frame
      title={plan.title}
      onClose={props.close}
      footer={
        <>
          {wanted !== null && (
            <Confirm
              wanted={wanted}
              typed={typed}
              onType={setTyped}
              onEnter={() => canStart && void applying.start()}
            />
          )}
          <Button
            label={props.leaveLabel ?? 'Do nothing'}
            onClick={props.close}
            isFocusedFirst={wanted === null}
          />
          {problem?.isConflict && replan ? (
            <Button
              label="Plan again"
              look="primary"
              onClick={() => {
                applying.forget();
                replan();
              }}
            />
          ) : (
            apply
          )}
        </>
      }
    >
      {problem && <ProblemBanner problem={problem} doing={props.applyLabel} />}
      {props.replanProblem && (
        <ProblemBanner problem={props.replanProblem} doing="Planning again" />
      )}
      {plan.warnings.map(warning => (
        <p key={warning} className="growth-Warning">
          <Icon name="warn" />
          <span>{warning}</span>
        </p>
      ))}
      {isEmpty && <p>Nothing would change.</p>}
      {props.children ?? (!isEmpty && <PlanItems items={plan.items} />)}
    </Frame>
  );
}

interface IConfirmProps {
  wanted: number;
  typed: string;
  onType(text: string): void;
  onEnter(): void;
}

/** Stands beside the button, so that the focus in it does not scroll the warnings away. */
function Confirm({ wanted, typed, onType, onEnter }: IConfirmProps): JSX.Element {
  return (
    <label className="growth-Confirm">
      Type <b>{formatCount(wanted)}</b> to confirm:
      <input
        type="text"
        inputMode="numeric"
        autoComplete="off"
        autoFocus
        data-focus-first
        value={typed}
        onChange={event => onType(event.target.value)}
        onKeyDown={event => event.key === 'Enter' && onEnter()}
      />
    </label>
  );
}

interface IFooterProps extends IPlanDialogProps {
  ending: IEnding;
  job: IJob | null;
  receipt: IReceipt | null;
  isOver: boolean;
  close(): void;
}

/** While it runs: cancel. Afterwards: undo, if there is one. */
function Footer({ ending, job, receipt, isOver, ...props }: IFooterProps): JSX.Element {
  return (
    <>
      {ending.step === 'asking' && <span role="status">Asking</span>}
      {ending.step === 'asked' && <span role="status">Cancelling; what is done stays done</span>}
      {isOver && receipt?.undo && <UndoButton undo={receipt.undo} api={props.api} />}
      {!isOver && job?.is_cancellable && ending.step === 'offered' && (
        <Button label="Cancel the job" onClick={ending.cancel} />
      )}
      <Button label="Close" look="primary" onClick={props.close} />
    </>
  );
}
