/** How far a text is on its way to the class: Lint → Rehearse → Canary → Make live. */

import type { StepState } from '../ui/track';
import { plural } from '../ui/time';
import type { Trial } from './client';
import type { IEvidence, IPublication, IRevision, Step } from './types';

export interface ITrackInput {
  /** What stands in the editor is not saved yet. */
  isDirty: boolean;
  /** The newest revision; null when there is none. */
  revision: IRevision | null;
  isLive: boolean;
  /** What trials found out about the revision's text. */
  evidence: readonly IEvidence[];
  /** All of the script, newest first. */
  publications: readonly IPublication[];
  lint: ILintState;
  /** Trials of this revision that run now, each with what it says. */
  running: Readonly<Partial<Record<Trial, string>>>;
}

export interface ILintState {
  isCurrent: boolean;
  hasFailed: boolean;
  errorCount: number;
  warningCount: number;
}

export type TrackStepId = Step | 'live';

export interface ITrackStep {
  id: TrackStepId;
  label: string;
  state: StepState;
  note: string;
}

/** What one should do next; null: mend what failed, wait, or nothing is left to do. */
export type NextAct = 'save' | Trial | 'live' | null;

export interface ITrack {
  steps: readonly ITrackStep[];
  next: NextAct;
}

const LABELS: Record<TrackStepId, string> = {
  lint: 'Lint',
  rehearsal: 'Rehearse',
  canary: 'Canary',
  live: 'Make live'
};

/** Return the steps that a revision has not passed, as the server counts them. */
export function missingSteps(input: ITrackInput): Step[] {
  const { revision, evidence } = input;
  if (!revision || wasLive(input)) {
    return [];
  }
  const passed = new Set(evidence.filter(item => item.is_passed).map(item => item.step));
  const lint: Step[] = revision.lint_errors > 0 ? ['lint'] : [];
  return [...lint, ...(['rehearsal', 'canary'] as const).filter(step => !passed.has(step))];
}

/** Return the four steps with their states, and what to do next. */
export function trackOf(input: ITrackInput): ITrack {
  const steps: ITrackStep[] = [lintStep(input)];
  for (const trial of ['rehearsal', 'canary'] as const) {
    steps.push(trialStep(input, trial, steps.every(isBehind)));
  }
  steps.push(liveStep(input, steps.every(isBehind)));
  return { steps, next: nextAct(input, steps) };
}

/** The words for a step that was not passed: "rehearsal and canary". */
export function spellSteps(steps: readonly Step[]): string {
  const words = steps.map(step => (step === 'lint' ? 'the lint' : `the ${step}`));
  return [words.slice(0, -1).join(', '), words[words.length - 1]].filter(Boolean).join(' and ');
}

function isBehind(step: ITrackStep): boolean {
  return step.state === 'done' || step.state === 'skipped';
}

function make(id: TrackStepId, state: StepState, note = ''): ITrackStep {
  return { id, label: LABELS[id], state, note };
}

function wasLive({ revision, publications }: ITrackInput): boolean {
  return publications.some(publication => publication.sha256 === revision?.sha256);
}

function lintStep({ lint, isDirty, revision }: ITrackInput): ITrackStep {
  if (!lint.isCurrent) {
    return make('lint', 'current', 'checking');
  }
  if (lint.hasFailed) {
    return make('lint', 'next', 'could not run');
  }
  if (lint.errorCount > 0) {
    const errors = plural(lint.errorCount, 'error');
    const because = isDirty ? '' : (revision?.override_reason ?? '');
    return because
      ? make('lint', 'skipped', `${errors}, saved because: ${because}`)
      : make('lint', 'failed', errors);
  }
  return make('lint', 'done', lint.warningCount > 0 ? plural(lint.warningCount, 'warning') : '');
}

function trialStep(input: ITrackInput, trial: Trial, isTurn: boolean): ITrackStep {
  const message = input.running[trial];
  if (message !== undefined) {
    return make(trial, 'current', message || 'running');
  }
  if (input.isDirty || !input.revision) {
    return make(trial, 'next');
  }
  const found = newest(input.evidence, trial);
  if (found) {
    return make(trial, found.is_passed ? 'done' : 'failed', found.is_passed ? 'passed' : 'failed');
  }
  const publication = input.publications.find(({ sha256 }) => sha256 === input.revision?.sha256);
  if (publication?.skipped_steps.includes(trial)) {
    return make(trial, 'skipped', `skipped: ${publication.skip_reason}`);
  }
  if (publication) {
    return publication.is_noticed
      ? make(trial, 'skipped', 'not tried here')
      : make(trial, 'done', 'was live before');
  }
  return make(trial, isTurn ? 'current' : 'next');
}

function liveStep(input: ITrackInput, isTurn: boolean): ITrackStep {
  if (input.isLive && !input.isDirty) {
    return make('live', 'done', `r${input.revision?.number} is live`);
  }
  return make('live', isTurn && !input.isDirty && input.revision ? 'current' : 'next');
}

function newest(evidence: readonly IEvidence[], step: Step): IEvidence | undefined {
  return evidence
    .filter(item => item.step === step)
    .reduce<IEvidence | undefined>(
      (best, item) => (best && Date.parse(best.time) > Date.parse(item.time) ? best : item),
      undefined
    );
}

function nextAct(input: ITrackInput, steps: readonly ITrackStep[]): NextAct {
  if (input.isDirty) {
    return 'save';
  }
  if (!input.revision || input.isLive || Object.keys(input.running).length > 0) {
    return null;
  }
  const open = steps.find(step => step.id !== 'lint' && !isBehind(step));
  if (!open || open.id === 'lint' || open.state === 'failed') {
    return null;
  }
  return open.id;
}
