import * as React from 'react';

import { useActions } from '../panel/actions';
import type { IHost } from '../panel/host';
import { ActionButton, Button } from '../ui/button';
import { Icon } from '../ui/icons';
import { ProblemBanner } from '../ui/problem-banner';
import { ScriptEditor } from '../ui/script-editor';
import { Skeleton } from '../ui/skeleton';
import { type IStep, Track } from '../ui/track';
import { REASON_LIMIT } from '../ui/reason-field';
import { Checks } from './checks';
import { ConflictDialog } from './conflict-dialog';
import { fromEditor, toEditor } from './line-ends';
import { LowerTabs } from './lower-tabs';
import { Notices } from './notices';
import { PublishDialog } from './publish-dialog';
import { RestoreDialog } from './restore-dialog';
import { SaveAnywayDialog } from './save-dialog';
import { Splitter } from './splitter';
import type { IEditedScript } from './scripts-model';
import { TrialProblem } from './trial-view';
import { type IScriptState, useScript } from './use-script';

export interface IScriptViewProps {
  host: IHost;
  script: IEditedScript;
  /** False while another tab is shown: the text and its undo history stay. */
  isShown: boolean;
}

const NO_ACTIONS = [] as const;

/** One script: the editor with its checks, the track to the class, and what is known about it. */
export function ScriptView({ host, script, isShown }: IScriptViewProps): JSX.Element {
  const { model } = script;
  const state = useScript(script, host);
  const [share, setShare] = React.useState(54);
  useActions(host.actions, isShown ? state.actions : NO_ACTIONS);
  return (
    <div className="growth-Script" hidden={!isShown}>
      <Notices model={model} find={state.find} />
      <TrialProblem trials={script.trials} />
      <Receipt state={state} />
      {model.isLoaded ? (
        <div
          className="growth-Script-body"
          style={{ '--growth-share': `${share}%` } as React.CSSProperties}
        >
          <div className="growth-Script-top">
            <ScriptEditor
              path={model.name}
              text={toEditor(model.edited.text)}
              onChange={text => model.edit(fromEditor(text, model.edited.text))}
              findings={model.linter.findings}
              editors={host.school.editors}
              handle={state.editor}
              onSave={state.save}
            />
            <Checks
              linter={model.linter}
              onGoTo={line => state.editor.current?.goToLine(line)}
              onRetry={() => model.linter.checkNow(model.edited.text)}
            />
          </div>
          <TrackBar script={script} state={state} />
          <Splitter share={share} onShare={setShare} label="Height of the editor" />
          <LowerTabs script={script} state={state} />
        </div>
      ) : (
        !model.problem && <Skeleton what={model.name} rows={10} />
      )}
      {isShown && <Dialogs script={script} state={state} />}
    </div>
  );
}

/** The four steps, why it is changed, and the one button that comes next. */
function TrackBar({ script, state }: { script: IEditedScript; state: IScriptState }): JSX.Element {
  const { model } = script;
  const hintId = React.useId();
  const steps: IStep[] = state.track.steps.map(({ id, label, state: now, note }) => ({
    id,
    label,
    state: now,
    note,
    onSelect:
      id === 'rehearsal' || id === 'canary'
        ? () => state.setTab(id)
        : id === 'live'
          ? () => state.setTab('history')
          : () => state.find('startup-next-finding').execute()
  }));
  return (
    <div className="growth-TrackBar">
      <Track label={`${model.name} on its way to the class`} steps={steps} />
      <div className="growth-TrackBar-acts">
        <label className="growth-TrackBar-reason" data-wanted={state.wantsReason}>
          <span>reason</span>
          <input
            ref={state.reasonBox}
            type="text"
            maxLength={REASON_LIMIT}
            placeholder="why it is changed"
            aria-invalid={state.wantsReason}
            aria-describedby={state.wantsReason ? hintId : undefined}
            value={model.edited.reason}
            onChange={event => state.setReason(event.target.value)}
            onKeyDown={event => {
              if (event.key === 'Enter' && !event.nativeEvent.isComposing) {
                state.save();
              }
            }}
          />
        </label>
        <ActionButton action={state.find('startup-save')} />
        <ActionButton action={state.find('startup-rehearse')} />
        <ActionButton action={state.find('startup-canary')} />
        <ActionButton action={state.find('startup-make-live')} />
        {model.isDirty && <ActionButton action={state.find('startup-discard')} />}
      </div>
      {state.wantsReason && (
        <p className="growth-TrackBar-hint" id={hintId} role="alert">
          Say in a few words why it is changed; it stays in the history.
        </p>
      )}
    </div>
  );
}

/** What was just made live, and how to take it back. */
function Receipt({ state }: { state: IScriptState }): JSX.Element | null {
  const { published } = state;
  if (!published) {
    return null;
  }
  const { publication, receipt } = published;
  return (
    <>
      <div className="growth-Receipt" role="status">
        <Icon name="ok" />
        <span>{`r${publication.revision} of ${publication.script} is live: every server that starts from now on runs it.`}</span>
        {receipt.undo && <ActionButton action={state.find('startup-undo')} />}
        <Button
          label="Dismiss"
          icon="close"
          isIconOnly
          look="link"
          onClick={state.dismissReceipt}
        />
      </div>
      {state.undoProblem && (
        <ProblemBanner problem={state.undoProblem} doing={receipt.undo?.title} />
      )}
    </>
  );
}

function Dialogs({ script, state }: { script: IEditedScript; state: IScriptState }): JSX.Element {
  const { model } = script;
  const { restoring } = state.history;
  return (
    <>
      {model.conflict && (
        <ConflictDialog
          script={model.name}
          conflict={model.conflict}
          onSettle={resolution => model.settle(resolution)}
          onClose={() => model.postponeConflict()}
        />
      )}
      {model.blocking && <SaveAnywayDialog model={model} findings={model.blocking} />}
      {state.isPublishing && (
        <PublishDialog model={model} missing={state.missing} onClose={state.onPublished} />
      )}
      {restoring && (
        <RestoreDialog model={model} revision={restoring} onClose={state.onPublished} />
      )}
    </>
  );
}
