/** The plan to bring an earlier revision back: what changes, what collides, the reason. */

import * as React from 'react';

import type { IAction } from '../../panel/actions';
import type { IHost } from '../../panel/host';
import { PlanDialog } from '../../ui/plan-dialog';
import { ReasonField } from '../../ui/reason-field';
import { Found } from './change-dialog';
import type { IPackagePlan, IRevision } from './client';
import { NextBuild } from './next-build';
import type { IRestoring } from './restoring';
import { UnifiedDiff } from './unified-diff';

interface IRestoreDialogProps {
  host: IHost;
  restoring: IRestoring;
  plan: IPackagePlan;
  revision: IRevision;
  /** Builds what was brought back. */
  build: IAction;
  /** Shows the pull requests, where bringing back becomes one. */
  showWaiting?(): void;
  onClose(): void;
}

export function RestoreDialog(props: IRestoreDialogProps): JSX.Element {
  const { host, restoring, plan, revision, onClose } = props;
  const [reason, setReason] = React.useState('');
  const name = `r${revision.number}`;
  return (
    <PlanDialog
      key={plan.id}
      plan={{ ...plan, title: `Bring the lists back to ${name}` }}
      applyLabel={`Bring back ${name}`}
      isDanger={plan.needs_override}
      isEmpty={plan.files.length === 0}
      isBusy={restoring.isAsking}
      lacks={reason.trim() ? undefined : 'Say why first; it stays in the history'}
      apply={() => restoring.apply(reason.trim())}
      api={host.api}
      replan={() => restoring.start(revision)}
      replanProblem={restoring.problem}
      next={
        <NextBuild
          build={props.build}
          showWaiting={props.showWaiting}
          onLeave={() => {
            restoring.close();
            onClose();
          }}
        />
      }
      onClose={({ receipt }) => {
        restoring.close(receipt);
        onClose();
      }}
    >
      {plan.files.length > 0 && (
        <p>
          {props.showWaiting
            ? 'It becomes a pull request'
            : `It becomes a new revision, r${plan.base_revision + 1}`}
          ; what was saved since stays in the history.
        </p>
      )}
      {plan.files.map(file => (
        <UnifiedDiff key={file.file} file={file} />
      ))}
      <Found plan={plan} />
      {plan.files.length > 0 && (
        <ReasonField
          label="Why it is brought back"
          hint="notebook 3 fails with the new scipy"
          value={reason}
          onChange={setReason}
          isFocusedFirst
        />
      )}
    </PlanDialog>
  );
}
