/** The image's lists of packages: what is in them, what the indexes say, and changes by name. */

import * as React from 'react';

import type { IReceipt } from '../../api/types';
import type { IAction } from '../../panel/actions';
import type { IHost } from '../../panel/host';
import { ActionButton } from '../../ui/button';
import { EmptyState } from '../../ui/empty-state';
import { type Polled, usePolled } from '../../ui/polled';
import { ProblemBanner } from '../../ui/problem-banner';
import { Skeleton } from '../../ui/skeleton';
import { Table } from '../../ui/table/table';
import { Tabs } from '../../ui/tabs';
import { RefreshButton } from '../../ui/toolbar';
import { TryOuts, useTrying } from '../tryouts/try-outs';
import { AddForm } from './add-form';
import { ChangeDialog } from './change-dialog';
import { foundOf, useChecking } from './checking';
import {
  HistoryModel,
  type IPackageLists,
  type IPackageReport,
  ListsModel,
  ProposalsModel
} from './client';
import { type IPackageRow, keyOf, PACKAGE_CHIPS, PACKAGE_COLUMNS } from './columns';
import { type IPlanning, usePlanning } from './planning';
import { ProposalsView } from './proposals-view';
import { RevisionsView } from './revisions-view';

const NOT_CONFIGURED = 501;

interface IPackagesViewProps {
  host: IHost;
  filter: string;
  /** Builds what was saved; offered under a receipt. */
  build: IAction;
}

export function PackagesView(props: IPackagesViewProps): JSX.Element {
  const { host } = props;
  const root = React.useRef<HTMLDivElement>(null);
  const lists = usePolled(() => new ListsModel(host.api), root, [host.api]);
  const { data, problem } = lists;
  return (
    <div className="growth-Packages" ref={root}>
      {problem?.status === NOT_CONFIGURED ? (
        <EmptyState sentence={`${problem.detail} ${problem.hint}`} />
      ) : (
        problem && (
          <ProblemBanner
            problem={problem}
            doing="Reading the lists of packages"
            tone={data ? 'warn' : 'error'}
            onRetry={() => void lists.refresh()}
          />
        )
      )}
      {data ? (
        <Shown {...props} lists={data} polled={lists} />
      ) : (
        !problem && <Skeleton what="the lists of packages" rows={8} />
      )}
    </div>
  );
}

interface IShownProps extends IPackagesViewProps {
  lists: IPackageLists;
  polled: Polled<IPackageLists>;
}

const TABS = { list: 'Lists', proposals: 'Pull requests', revisions: 'Revisions' } as const;
type TabId = keyof typeof TABS;

function Shown(props: IShownProps): JSX.Element {
  const { host, filter, polled, build, lists } = props;
  const root = React.useRef<HTMLDivElement>(null);
  const history = usePolled(() => new HistoryModel(host.api), root, [host.api]);
  const [tab, setTab] = React.useState<TabId>('list');
  const [merged, setMerged] = React.useState<IReceipt | null>(null);
  const { revision } = lists;
  const isAtGitHub = lists.source === 'github';
  const proposals = usePolled(() => new ProposalsModel(host.api), root, [host.api]);
  const open = proposals.data?.proposals?.filter(({ state }) => state === 'open').length ?? 0;
  const notes: Record<TabId, string | undefined> = {
    list: undefined,
    proposals: open ? `${open} open` : undefined,
    revisions: `r${revision}`
  };
  const ids = (Object.keys(TABS) as TabId[]).filter(id => isAtGitHub || id !== 'proposals');
  const showWaiting = isAtGitHub
    ? (): void => {
        setTab('proposals');
        void proposals.refresh();
      }
    : undefined;
  const onChanged = (receipt?: IReceipt): void => {
    setMerged(receipt ?? null);
    void proposals.refresh();
    void polled.refresh();
  };
  React.useEffect(() => {
    if (history.data && history.data.revisions[0]?.number !== revision) {
      void history.refresh();
    }
  }, [revision, history]);
  return (
    <>
      {merged && (
        <div className="growth-Notice growth-Next" role="status">
          <p>{merged.title}</p>
          {build.isEnabled && <ActionButton action={{ ...build, look: undefined }} />}
        </div>
      )}
      <div className="growth-Packages-tabs" ref={root}>
        <Tabs
          label="Packages"
          current={tab}
          onChange={next => setTab(next as TabId)}
          tabs={ids.map(id => ({
            id,
            label: TABS[id],
            note: notes[id],
            render: () =>
              id === 'list' ? (
                <Lists {...props} showWaiting={showWaiting} />
              ) : id === 'proposals' ? (
                <ProposalsView
                  host={host}
                  proposals={proposals}
                  filter={filter}
                  onChanged={onChanged}
                />
              ) : (
                <RevisionsView
                  host={host}
                  history={history}
                  filter={filter}
                  build={build}
                  showWaiting={showWaiting}
                  onRestored={() => void polled.refresh()}
                />
              )
          }))}
        />
      </div>
    </>
  );
}

interface IListsProps extends IShownProps {
  /** Shows the pull requests, where a change becomes one. */
  showWaiting?(): void;
}

function Lists(props: IListsProps): JSX.Element {
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
      {planning.problem && (
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
