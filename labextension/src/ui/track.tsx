import * as React from 'react';

import { Icon, type IconName } from './icons';

export type StepState = 'done' | 'current' | 'next' | 'failed' | 'skipped';

export interface IStep {
  id: string;
  label: string;
  state: StepState;
  /** What came out: "3 warnings", "skipped: exam in 10 minutes". */
  note?: string;
  /** Shows the step's report; without it the step is no button. */
  onSelect?(): void;
}

const ICONS: Record<StepState, IconName> = {
  done: 'ok',
  current: 'busy',
  next: 'idle',
  failed: 'error',
  skipped: 'skip'
};

/** Steps that follow each other: Lint → Rehearse → Canary → Make live. */
export function Track({ label, steps }: { label: string; steps: readonly IStep[] }): JSX.Element {
  return (
    <ol className="growth-Track" aria-label={label}>
      {steps.map(step => (
        <li
          key={step.id}
          className={`growth-Track-step growth-mod-${step.state}`}
          aria-current={step.state === 'current' ? 'step' : undefined}
        >
          <StepBody step={step} />
        </li>
      ))}
    </ol>
  );
}

function StepBody({ step }: { step: IStep }): JSX.Element {
  const body = (
    <>
      <Icon name={ICONS[step.state]} />
      <span className="growth-Track-label">{step.label}</span>
      <span className="growth-sr">, {step.state}</span>
      {step.note && <span className="growth-Track-note">{step.note}</span>}
    </>
  );
  if (!step.onSelect) {
    return <span className="growth-Track-body">{body}</span>;
  }
  return (
    <button type="button" className="growth-Track-body" onClick={step.onSelect} title={step.note}>
      {body}
    </button>
  );
}
