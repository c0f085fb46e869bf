/** The plan of a change: the difference, what was found against it, the reason, the receipt. */

import * as React from 'react';

import type { IAction } from '../../panel/actions';
import type { IHost } from '../../panel/host';
import { PlanDialog } from '../../ui/plan-dialog';
import { ReasonField } from '../../ui/reason-field';
import { type IPackagePlan, PackagesClient } from './client';
import { NextBuild } from './next-build';
import type { IPlanning } from './planning';
import { UnifiedDiff } from './unified-diff';

interface IChangeDialogProps {
  host: IHost;
  planning: IPlanning;
  plan: IPackagePlan;
  /** Builds what was saved. */
  build: IAction;
  /** Shows the pull requests, where a change becomes one. */
  showWaiting?(): void;
  onClose(): void;
}

export function ChangeDialog(props: IChangeDialogProps): JSX.Element {
  const { host, planning, plan, build, showWaiting, onClose } = props;
  const spite = showWaiting ? 'Open a pull request' : 'Save';
  const save = showWaiting ? 'Open a pull request' : 'Save the revision';
  const [reason, setReason] = React.useState('');
  const [override, setOverride] = React.useState('');
  return (
    <PlanDialog
      key={plan.id}
      plan={plan}
      applyLabel={plan.needs_override ? `${spite} in spite of it` : save}
      isDanger={plan.needs_override}
      isEmpty={plan.files.length === 0}
      isBusy={planning.isAsking}
      lacks={lackOf(plan, reason, override)}
      apply={() =>
        new PackagesClient(host.api).save(
          plan,
          reason.trim(),
          plan.needs_override ? override.trim() : ''
        )
      }
      api={host.api}
      replan={planning.again}
      replanProblem={planning.problem}
      next={<NextBuild build={build} showWaiting={showWaiting} onLeave={onClose} />}
      onClose={({ receipt }) => {
        if (receipt) {
          host.traits.set('receipt', { ...receipt });
        }
        onClose();
      }}
    >
      {plan.files.map(file => (
        <UnifiedDiff key={file.file} file={file} />
      ))}
      <Found plan={plan} />
      <ReasonField
        label="Why it is changed"
        hint="needed for Tuesday's notebook"
        value={reason}
        onChange={setReason}
        isFocusedFirst
      />
      {plan.needs_override && (
        <ReasonField
          label="Why it is saved although a build would fail"
          hint="the package comes out tonight"
          value={override}
          onChange={setOverride}
        />
      )}
    </PlanDialog>
  );
}

/** Return what is still missing before it can be saved. */
export function lackOf(plan: IPackagePlan, reason: string, override: string): string | undefined {
  if (!reason.trim()) {
    return 'Say why first; it stays in the history';
  }
  return plan.needs_override && !override.trim()
    ? 'A build would fail: say why it is saved all the same'
    : undefined;
}

/** What the indexes and the dry run said. */
export function Found({ plan }: { plan: IPackagePlan }): JSX.Element {
  const { packages, resolutions = [], notes = [] } = plan;
  const details = packages.filter(({ detail }) => detail);
  return (
    <section aria-label="What was found">
      <ul className="growth-Found">
        {details.map(({ list, name, detail }) => (
          <li key={`${list} ${name}`}>{detail}</li>
        ))}
        {resolutions.map(({ list, sentence, detail }) => (
          <li key={list}>
            {sentence}
            {detail && <pre className="growth-Found-detail">{detail}</pre>}
          </li>
        ))}
        {notes.map(note => (
          <li key={note}>{note}</li>
        ))}
      </ul>
    </section>
  );
}
