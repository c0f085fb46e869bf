import * as React from 'react';

import type { IAction } from '../panel/actions';
import { ActionButton, Button } from '../ui/button';
import { ProblemBanner } from '../ui/problem-banner';
import { RelativeTime } from '../ui/time';
import { hasWindowsLineEnds } from './line-ends';
import { hasMergeMarks } from './merge';
import type { ScriptModel } from './script-model';

export interface INoticesProps {
  model: ScriptModel;
  find(id: string): IAction;
}

/** What one must know before one goes on; each with the one thing to do about it. */
export function Notices({ model, find }: INoticesProps): JSX.Element {
  const { edited, head, script } = model;
  return (
    <>
      {model.problem && (
        <ProblemBanner
          problem={model.problem}
          doing={`Reading ${model.name}`}
          tone={model.isLoaded ? 'warn' : 'error'}
          onRetry={() => void model.load()}
        />
      )}
      {model.saveProblem && (
        <ProblemBanner
          problem={model.saveProblem}
          doing={`Saving ${model.name}`}
          onDismiss={() => model.dismiss()}
        />
      )}
      {script?.problem && (
        <Notice>
          {script.problem}
          {!head && ' Write it here, save it, rehearse it, and make it live.'}
        </Notice>
      )}
      {model.isBehind && head && (
        <Notice action={<ActionButton action={find('startup-merge')} />}>
          {`${head.revision.author} saved r${head.revision.number} while you edit r${edited.base.number}: “${head.revision.reason}”.`}
        </Notice>
      )}
      {edited.restored && model.isDirty && (
        <Notice
          action={
            <>
              <ActionButton action={find('startup-discard')} />
              <Button label="Keep editing" look="link" onClick={() => model.dismiss()} />
            </>
          }
        >
          Your unsaved changes are back, the last one from{' '}
          <RelativeTime time={edited.restored.edited} />.
        </Notice>
      )}
      {edited.older && (
        <Notice
          action={
            <>
              <Button label="Look at it and merge" onClick={() => model.showOlderDraft()} />
              <Button label="Throw it away" look="link" onClick={() => model.dropOlderDraft()} />
            </>
          }
        >
          {edited.older.base_number > 0
            ? `You left unsaved changes on r${edited.older.base_number} `
            : 'You left unsaved text '}
          <RelativeTime time={edited.older.edited} />.
        </Notice>
      )}
      {hasMergeMarks(edited.text) && (
        <Notice>
          Both texts stand between marks where they differ: choose, and delete the lines with
          &lt;&lt;&lt;&lt;&lt;&lt;&lt;, ======= and &gt;&gt;&gt;&gt;&gt;&gt;&gt;.
        </Notice>
      )}
      {head?.is_lossy && (
        <Notice>
          {`r${head.revision.number} is not UTF-8: what cannot be shown stands as \uFFFD, and saving changes it. Restoring the revision does not.`}
        </Notice>
      )}
      {hasWindowsLineEnds(edited.text) && (
        <Notice action={<ActionButton action={find('startup-mend-line-ends')} />}>
          The lines end as on Windows (CRLF), so the script does not run as it stands.
        </Notice>
      )}
      {model.isDirty && !edited.isLasting && (
        <Notice>
          Your browser keeps nothing for this page: what you do not save is lost when you close it.
        </Notice>
      )}
    </>
  );
}

function Notice(props: { children: React.ReactNode; action?: React.ReactNode }): JSX.Element {
  return (
    <div className="growth-Notice growth-ScriptNotice" role="status">
      <span>{props.children}</span>
      {props.action && <span className="growth-ScriptNotice-actions">{props.action}</span>}
    </div>
  );
}
