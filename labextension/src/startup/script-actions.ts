/** What can be done with a script now: buttons, palette and menus draw from this one list. */

import type { IAction } from '../panel/actions';
import type { Trial } from './client';
import { hasWindowsLineEnds } from './line-ends';
import type { ScriptModel } from './script-model';
import type { NextAct } from './track';
import type { TrialsModel } from './trials';
import { TRIALS } from './trials';

/** What an action asks the view to do. */
export interface IScriptVerbs {
  save(): void;
  startTrial(trial: Trial): void;
  openPublish(): void;
  undo(): void;
  nextFinding(): void;
  mendLineEnds(): void;
}

export interface IScriptSituation {
  model: ScriptModel;
  trials: TrialsModel;
  next: NextAct;
  /** What the undo of the last publication would do; empty when there is none. */
  undoTitle: string;
}

/** Return all actions of a script; those that cannot be done now say why. */
export function scriptActions(situation: IScriptSituation, verbs: IScriptVerbs): IAction[] {
  const { model, trials, next, undoTitle } = situation;
  const running = TRIALS.find(
    trial => situation.trials.running(headNumber(model))[trial] !== undefined
  );
  return [
    saveAction(situation, verbs),
    trialAction('rehearsal', situation, verbs),
    trialAction('canary', situation, verbs),
    {
      id: 'startup-make-live',
      label: headNumber(model) ? `Make r${headNumber(model)} live` : 'Make live',
      look: next === 'live' ? 'primary' : undefined,
      ...enabledUnless(whyNotLive(model)),
      execute: verbs.openPublish
    },
    {
      id: 'startup-cancel-trial',
      label: running === 'canary' ? 'Cancel the canary' : 'Cancel the rehearsal',
      ...enabledUnless(running ? '' : 'Neither a rehearsal nor a canary is running'),
      execute: () => running && void trials.cancel(running).catch(() => undefined)
    },
    {
      id: 'startup-undo',
      label: undoTitle || 'Undo making it live',
      ...enabledUnless(undoTitle ? '' : 'Nothing was made live here just now'),
      execute: verbs.undo
    },
    {
      id: 'startup-discard',
      label: 'Discard changes',
      ...enabledUnless(model.isDirty ? '' : 'Nothing is unsaved'),
      execute: () => model.discard()
    },
    {
      id: 'startup-merge',
      label: 'Look at both and merge',
      ...enabledUnless(model.isBehind ? '' : 'Nobody saved another revision meanwhile'),
      execute: () => model.showConflict()
    },
    {
      id: 'startup-next-finding',
      label: 'Next finding',
      ...enabledUnless(model.linter.findings.length > 0 ? '' : 'No check found anything'),
      execute: verbs.nextFinding
    },
    {
      id: 'startup-mend-line-ends',
      label: 'Mend the line ends',
      ...enabledUnless(hasWindowsLineEnds(model.edited.text) ? '' : 'All lines end as they should'),
      execute: verbs.mendLineEnds
    }
  ];
}

function enabledUnless(reason: string): Pick<IAction, 'isEnabled' | 'reason'> {
  return { isEnabled: reason === '', reason: reason || undefined };
}

function headNumber(model: ScriptModel): number | undefined {
  return model.head?.revision.number;
}

function saveAction({ model, next }: IScriptSituation, verbs: IScriptVerbs): IAction {
  const reason = model.isSaving ? 'It is being saved' : model.isDirty ? '' : 'Nothing is unsaved';
  const hasErrors = model.linter.errorCount > 0;
  return {
    id: 'startup-save',
    label: model.isSaving ? 'Saving' : `Save r${(headNumber(model) ?? 0) + 1}`,
    look: next === 'save' && !hasErrors ? 'primary' : undefined,
    isEnabled: reason === '',
    reason: reason || 'Ctrl+S in the editor. Students get nothing new yet.',
    execute: verbs.save
  };
}

const TRIAL_LABELS: Record<Trial, [string, (number: number) => string]> = {
  rehearsal: ['Rehearse', number => `Rehearse r${number}`],
  canary: ['Try on the canary', number => `Try r${number} on the canary`]
};

function trialAction(trial: Trial, situation: IScriptSituation, verbs: IScriptVerbs): IAction {
  const { model, trials, next } = situation;
  const number = headNumber(model);
  const [plain, numbered] = TRIAL_LABELS[trial];
  const isRunning = trials.running(number)[trial] !== undefined;
  return {
    id: trial === 'rehearsal' ? 'startup-rehearse' : 'startup-canary',
    label: number ? numbered(number) : plain,
    look: next === trial ? 'primary' : undefined,
    ...enabledUnless(
      whyNotSaved(model) || (isRunning || trials.isStarting ? 'It is running already' : '')
    ),
    execute: () => verbs.startTrial(trial)
  };
}

function whyNotSaved(model: ScriptModel): string {
  if (!model.head) {
    return 'Save a first revision';
  }
  return model.isDirty ? 'Save first: a saved revision is what is tried and made live' : '';
}

function whyNotLive(model: ScriptModel): string {
  return whyNotSaved(model) || (model.isLive ? `r${headNumber(model)} is live already` : '');
}
