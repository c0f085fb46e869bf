/** The lists as they are: add, check, try, pin and remove; each change is planned first. */

import * as React from 'react';

import type { IAction } from '../../panel/actions';
import type { IHost } from '../../panel/host';
import { ActionButton } from '../../ui/button';
import { EmptyState } from '../../ui/empty-state';
import type { Polled } from '../../ui/polled';
import { ProblemBanner } from '../../ui/problem-banner';
import { Table } from '../../ui/table/table';
import { RefreshButton } from '../../ui/toolbar';
import { TryOuts, useTrying } from '../tryouts/try-outs';
import { AddForm } from './add-form';
import { ChangeDialog } from './change-dialog';
import { foundOf, useChecking } from './checking';
import type { IPackageLists, IPackageReport } from './client';
import { type IPackageRow, keyOf, PACKAGE_CHIPS, PACKAGE_COLUMNS } from './columns';
import { type IPlanning, usePlanning } from './planning';

interface IListsViewProps {
  host: IHost;
  lists: IPackageLists;
  polled: Polled<IPackageLists>;
  filter: string;
  /** Builds what was saved; offered under a receipt. */
  build: IAction;
  /** Shows the pull requests, where a change becomes one. */
  showWaiting?(): void;
}

export function ListsView(props: IListsViewProps): JSX.Element {
  const { host, lists, filter, polled, build, showWaiting } = props;
  const planning = usePlanning(host);
  const checking = useChecking(host);
  const root = React.useRef<HTMLDivElement>(null);
  const trying = useTrying(host, root);
  const { plan } = planning;
  const rows = React.useMemo(
    () => lists.packages.map(one => ({ ...one, found: foundOf(one, checking.report) })),
    [lists, checking.report]
  );
  return (
    <>
      <AddForm
        isBusy={planning.isAsking}
        onAdd={change => planning.start([change], `Adding ${change.name}`)}
        onTry={trying.start}
        whyNotTry={trying.whyNot}
      />
      <div ref={root}>
        <TryOuts trying={trying} />
      </div>
      <p className="growth-Packages-line">
        <span>
          {lists.link ? (
            <a href={lists.link} target="_blank" rel="noopener noreferrer">
              {lists.folder}
            </a>
          ) : (
            lists.folder
          )}
          , revision {lists.revision}, Python {lists.python_version}
        </span>
        <span className="growth-Packages-asks">
          <ActionButton action={checking.action} />
          <RefreshButton polled={polled} />
        </span>
      </p>
      {planning.problem && !planning.plan && (
        <ProblemBanner
          problem={planning.problem}
          doing={planning.doing}
          onDismiss={planning.close}
        />
      )}
      {checking.problem && (
        <ProblemBanner problem={checking.problem} doing="Checking the packages" />
      )}
      <Said lists={lists} report={checking.report} />
      <Table<IPackageRow>
        label="Packages"
        noun={['package', 'packages']}
        rows={rows}
        columns={PACKAGE_COLUMNS}
        chips={checking.report ? PACKAGE_CHIPS : []}
        rowKey={keyOf}
        filter={filter}
        actionsFor={chosen => packageActions(chosen, planning)}
        empty={<EmptyState sentence="The lists name no package yet: add the first one above." />}
      />
      {plan && (
        <ChangeDialog
          host={host}
          planning={planning}
          plan={plan}
          build={build}
          showWaiting={showWaiting}
          onClose={() => {
            planning.close();
            void polled.refresh();
          }}
        />
      )}
    </>
  );
}

/** What is wrong with a line, what the dry run said, and what cannot be looked up. */
function Said({
  lists,
  report
}: {
  lists: IPackageLists;
  report: IPackageReport | null;
}): JSX.Element {
  const findings = (report ?? lists).findings ?? [];
  const said = [
    ...findings
      .filter(({ severity }) => severity !== 'info')
      .map(({ file, line, message }) => `${file}, line ${line}: ${message}`),
    ...(report?.resolutions.map(({ sentence }) => sentence) ?? []),
    ...(lists.notes ?? [])
  ];
  return (
    <>
      {said.map(sentence => (
        <p className="growth-Notice" role="status" key={sentence}>
          {sentence}
        </p>
      ))}
    </>
  );
}

function packageActions(rows: readonly IPackageRow[], planning: IPlanning): IAction[] {
  const names = rows.map(({ name }) => name).join(', ');
  const change = (verb: 'pin' | 'remove', doing: string): void =>
    planning.start(
      rows.map(({ list, name }) => ({
        verb,
        list,
        name: name.replace(/\s*\[.*$/, ''),
        version: ''
      })),
      `${doing} ${names}`
    );
  const isReady = rows.length > 0 && !planning.isAsking;
  return [
    {
      id: 'packages-newest',
      label: 'Plan the newest version',
      isEnabled: isReady,
      execute: () => change('pin', 'Newest version of')
    },
    {
      id: 'packages-remove',
      label: 'Plan to remove it',
      isEnabled: isReady,
      execute: () => change('remove', 'Removing')
    }
  ];
}
