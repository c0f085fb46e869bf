/** Builds in words: how one is, at which step, against the one before. */

import { JOB_TONES } from '../../ui/job-row';
import { formatSpan, plural } from '../../ui/time';
import type { IStep, StepState } from '../../ui/track';
import type { IWord } from '../words';
import { type IBuild, type IPackageDelta, isRunning, type Stage } from './client';

const STAGES: readonly [Stage, string][] = [
  ['copying', 'Copy the source'],
  ['building', 'Build'],
  ['listing', 'List what is in it'],
  ['checking', 'Smoke checks'],
  ['pushing', 'Push']
];

/** Return how a build is. */
export function stateWord(build: IBuild): IWord {
  if (isRunning(build) && build.is_cancel_asked) {
    return { tone: 'busy', word: 'cancelling' };
  }
  switch (build.state) {
    case 'pending':
      return { tone: JOB_TONES.pending, word: 'waiting' };
    case 'running':
      return { tone: JOB_TONES.running, word: runningWord(build) };
    case 'succeeded':
      return build.is_smoke_passed === false
        ? { tone: 'warn', word: 'built, checks failed' }
        : { tone: JOB_TONES.succeeded, word: 'built' };
    case 'failed':
      return { tone: JOB_TONES.failed, word: 'failed', title: build.problem };
    case 'cancelled':
      return { tone: JOB_TONES.cancelled, word: 'cancelled' };
  }
}

function runningWord(build: IBuild): string {
  const steps = stepsOf(build);
  const stage = STAGES.find(([id]) => id === build.stage)?.[1];
  return steps
    ? `building, ${steps}`
    : stage
      ? stage.toLowerCase()
      : build.progress?.message || 'running';
}

/** Return "step 4 of 9" while the builder counts. */
export function stepsOf({ stage, progress }: IBuild): string {
  return stage === 'building' && progress?.total
    ? `step ${progress.done} of ${progress.total}`
    : '';
}

/** Return the stages of a build: done, where it is or stopped, and what follows. */
export function trackOf(build: IBuild): IStep[] {
  const isOver = build.state === 'succeeded';
  const at = STAGES.findIndex(([id]) => id === build.stage);
  return STAGES.map(([id, label], index) => {
    const isAt = index === at && !isOver;
    const state: StepState =
      isOver || (at >= 0 && index < at) ? 'done' : !isAt ? 'next' : stoppedAs(build);
    return { id, label, state: smokeState(build, id, state), note: noteOf(build, id, isAt) };
  });
}

function stoppedAs({ state }: IBuild): StepState {
  return state === 'failed' ? 'failed' : state === 'cancelled' ? 'skipped' : 'current';
}

/** An image whose checks failed is pushed all the same, so that somebody can look into it. */
function smokeState(build: IBuild, id: Stage, state: StepState): StepState {
  return id === 'checking' && build.is_smoke_passed === false ? 'failed' : state;
}

function noteOf(build: IBuild, id: Stage, isAt: boolean): string | undefined {
  if (isAt && build.state === 'cancelled') {
    return 'cancelled here';
  }
  if (id === 'building' && isAt) {
    return stepsOf(build) || undefined;
  }
  if (id === 'listing' && build.packages > 0) {
    return plural(build.packages, 'package');
  }
  return id === 'checking' && build.is_smoke_passed === false ? 'failed' : undefined;
}

/** Return how long it took, or has taken until now. */
export function spellTime(build: IBuild, now: Date): string {
  const span_s = build.took_s ?? (now.getTime() - Date.parse(build.time)) / 1000;
  if (!isRunning(build) && build.took_s === null) {
    return '';
  }
  const [minutes, seconds] = [Math.floor(span_s / 60), Math.floor(span_s % 60)];
  return minutes > 0 && minutes < 10 ? `${minutes} min ${seconds} s` : formatSpan(span_s);
}

/** Return the instruction itself: "RUN pip install" of "STEP 4/9: RUN pip install". */
export function instructionOf({ failed_step: step }: IBuild): string {
  return step.replace(/^.*?STEP \d+\/\d+: */, '');
}

/** Return "12 new, 3 gone, 40 changed". */
export function spellChanges(changes: readonly IPackageDelta[]): string {
  const fresh = changes.filter(({ before }) => !before).length;
  const gone = changes.filter(({ after }) => !after).length;
  const other = changes.length - fresh - gone;
  return [
    fresh > 0 && `${fresh} new`,
    gone > 0 && `${gone} gone`,
    other > 0 && `${other} in another version`
  ]
    .filter(Boolean)
    .join(', ');
}
