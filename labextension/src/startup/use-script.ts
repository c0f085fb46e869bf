/** What one view of a script adds to its shared model: dialogs, tabs, and the verbs of its actions. */

import * as React from 'react';

import { Problem } from '../api/problem';
import type { IUndo } from '../api/types';
import type { IAction } from '../panel/actions';
import type { IHost } from '../panel/host';
import { useModel } from '../ui/polled';
import type { IScriptEditorHandle } from '../ui/script-editor';
import { toEditor } from './line-ends';
import { scriptActions } from './script-actions';
import type { IEditedScript } from './scripts-model';
import { type ITrack, type ITrackInput, missingSteps, trackOf } from './track';
import type { IPublished, Step } from './types';
import { type IHistoryState, useHistory } from './use-history';

export type LowerTab = 'diff' | 'history' | 'rehearsal' | 'canary';

export interface IScriptState {
  editor: React.MutableRefObject<IScriptEditorHandle | null>;
  reasonBox: React.MutableRefObject<HTMLInputElement | null>;
  /** A save was asked for without saying why. */
  wantsReason: boolean;
  track: ITrack;
  missing: readonly Step[];
  actions: readonly IAction[];
  find(id: string): IAction;
  tab: LowerTab;
  setTab(tab: LowerTab): void;
  history: IHistoryState;
  isPublishing: boolean;
  /** Called when a publication is over; null when it was given up. */
  onPublished(published: IPublished | null): void;
  /** What was made live here last. */
  published: IPublished | null;
  undoProblem: Problem | null;
  dismissReceipt(): void;
  setReason(reason: string): void;
  save(): void;
}

export function useScript({ model, trials }: IEditedScript, host: IHost): IScriptState {
  useModel(model);
  useModel(trials);
  const editor = React.useRef<IScriptEditorHandle | null>(null);
  const reasonBox = React.useRef<HTMLInputElement | null>(null);
  const findingAt = React.useRef(-1);
  const [tab, setTab] = React.useState<LowerTab>('diff');
  const [wantsReason, setWantsReason] = React.useState(false);
  const [isPublishing, setPublishing] = React.useState(false);
  const receipts = useReceipt(host, () => void model.load());
  const history = useHistory(model, () => setTab('history'));
  React.useEffect(() => {
    if (!model.isLoaded) {
      void model.load();
      void trials.discover();
    }
  }, [model, trials]);

  const save = (): void => {
    if (!model.isDirty) {
      return;
    }
    if (model.edited.reason.trim() === '') {
      setWantsReason(true);
      reasonBox.current?.focus();
      return;
    }
    setWantsReason(false);
    void model.save();
  };
  const input = trackInput({ model, trials });
  const track = trackOf(input);
  const actions = [
    ...scriptActions(
      { model, trials, next: track.next, undoTitle: receipts.undo?.title ?? '' },
      {
        save,
        startTrial: trial => {
          setTab(trial);
          const number = model.head?.revision.number;
          if (number !== undefined) {
            void trials.start(trial, number).then(job => job && host.traits.set('job_id', job.id));
          }
        },
        openPublish: () => setPublishing(true),
        undo: receipts.takeBack,
        nextFinding: () => {
          const { findings } = model.linter;
          findingAt.current = (findingAt.current + 1) % findings.length;
          editor.current?.goToLine(findings[findingAt.current].line);
        },
        mendLineEnds: () => model.edit(toEditor(model.edited.text))
      }
    ),
    ...history.actionsFor(history.selected),
    ...showActions(tab, setTab)
  ];
  return {
    editor,
    reasonBox,
    wantsReason: wantsReason && model.isDirty,
    track,
    missing: missingSteps(input),
    actions,
    find: id => actions.find(action => action.id === id) as IAction,
    tab,
    setTab,
    history,
    isPublishing,
    onPublished: published => {
      setPublishing(false);
      history.closeRestore();
      if (published) {
        receipts.show(published);
      }
    },
    published: receipts.published,
    undoProblem: receipts.problem,
    dismissReceipt: () => receipts.show(null),
    setReason: reason => {
      setWantsReason(false);
      model.setReason(reason);
    },
    save
  };
}

const LOWER: Record<LowerTab, string> = {
  diff: 'Show the difference to the live script',
  history: 'Show the history',
  rehearsal: 'Show the rehearsal report',
  canary: 'Show the canary log'
};

function showActions(current: LowerTab, show: (tab: LowerTab) => void): IAction[] {
  return (Object.keys(LOWER) as LowerTab[]).map(tab => ({
    id: `startup-show-${tab}`,
    label: LOWER[tab],
    isEnabled: tab !== current,
    reason: tab === current ? 'It is shown already' : undefined,
    execute: () => show(tab)
  }));
}

function trackInput({ model, trials }: IEditedScript): ITrackInput {
  const { head, linter } = model;
  return {
    isDirty: model.isDirty,
    revision: head?.revision ?? null,
    isLive: model.isLive,
    evidence: head?.evidence ?? [],
    publications: model.history?.publications ?? [],
    lint: {
      isCurrent: linter.isCurrent,
      hasFailed: linter.problem !== null,
      errorCount: linter.errorCount,
      warningCount: linter.warningCount
    },
    running: trials.running(head?.revision.number)
  };
}

interface IReceiptState {
  published: IPublished | null;
  problem: Problem | null;
  undo: IUndo | null;
  show(published: IPublished | null): void;
  takeBack(): void;
}

/** The receipt of the last publication made here, and its undo. */
function useReceipt(host: IHost, onUndone: () => void): IReceiptState {
  const [published, setPublished] = React.useState<IPublished | null>(null);
  const [problem, setProblem] = React.useState<Problem | null>(null);
  const show = (next: IPublished | null): void => {
    setPublished(next);
    setProblem(null);
    if (next) {
      host.traits.set('receipt', { ...next.receipt });
    }
  };
  const undo: IUndo | null = published?.receipt.undo ?? null;
  const takeBack = (): void => {
    if (!undo) {
      return;
    }
    host.api
      .undo(undo)
      .then(
        answer => show(answer as IPublished),
        reason => setProblem(Problem.from(reason))
      )
      .finally(onUndone);
  };
  return { published, problem, undo, show, takeBack };
}
