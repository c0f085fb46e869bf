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
import { Tabs } from '../../ui/tabs';
import { type IPackageLists, ListsModel, ProposalsModel } from './client';
import { ListsView } from './lists-view';
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
  const [tab, setTab] = React.useState<TabId>('list');
  const [merged, setMerged] = React.useState<IReceipt | null>(null);
  const isAtGitHub = lists.source === 'github';
  const proposals = usePolled(() => new ProposalsModel(host.api), root, [host.api]);
  const open = proposals.data?.proposals?.filter(({ state }) => state === 'open').length ?? 0;
  const notes: Record<TabId, string | undefined> = {
    list: undefined,
    proposals: open ? `${open} open` : undefined,
    revisions: `r${lists.revision}`
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
                <ListsView {...props} showWaiting={showWaiting} />
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
                  root={root}
                  filter={filter}
                  current={lists.revision}
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
