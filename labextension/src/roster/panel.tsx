/** The roster: people, history, setup; and the import in their place. */

import './style';

import * as React from 'react';

import { JobsModel } from '../jobs/model';
import { JobsSection, jobsToShow } from '../jobs/section';
import { type IAction, useActions } from '../panel/actions';
import type { IHost, IPanelProps } from '../panel/host';
import { Button } from '../ui/button';
import { isEnded } from '../ui/job-row';
import { usePolled } from '../ui/polled';
import { Tabs } from '../ui/tabs';
import { plural } from '../ui/time';
import { RosterClient } from './client';
import { HistoryView } from './history';
import { Draft } from './intake/draft';
import { useFileDrop } from './intake/use-file-drop';
import { Wizard } from './intake/wizard';
import { RosterModel, SetupModel } from './model';
import { PeopleView } from './people/view';
import { RosterDialogs, useRosterWork } from './people/work';
import { missingOf, SetupView } from './setup';

const TABS = { people: 'People', history: 'History', setup: 'Setup' } as const;
type TabId = keyof typeof TABS;

const NOBODY: readonly [] = [];

export function RosterPanel({ host }: IPanelProps): JSX.Element {
  const root = React.useRef<HTMLDivElement>(null);
  const { people, setup, jobs, refresh } = useArea(host, root);
  const draft = useDraft(host);
  const [tab, setTab] = React.useState<TabId>('people');
  const [isImporting, setImporting] = React.useState(false);
  const work = useRosterWork(host, () => setImporting(true));
  const drop = useFileDrop(file => {
    setImporting(true);
    void draft.takeFile(file);
  });
  const show = (next: TabId): void => {
    setImporting(false);
    setTab(next);
  };
  useActions(host.actions, showActions(isImporting ? null : tab, show));
  // Until the setup has been tried, what the server said at the start: no flash of a wrong view.
  const isConnected = setup.data
    ? setup.data.credential !== 'none'
    : host.me.missing.every(({ area }) => area !== 'roster');
  const missing = missingOf(setup.data);
  return (
    <div className="growth-Area growth-Roster" ref={root} {...drop}>
      <RosterDialogs host={host} work={work} roster={people.data} onChanged={refresh} />
      <JobsSection
        host={host}
        model={jobs}
        label="Jobs of the roster"
        jobs={jobsToShow(jobs.data ?? [], host.me.login, Date.now())}
      />
      {isImporting ? (
        <Wizard
          host={host}
          draft={draft}
          teams={people.data?.teams ?? NOBODY}
          people={people.data?.people ?? NOBODY}
          onClose={hasApplied => {
            setImporting(false);
            if (hasApplied) {
              refresh();
            }
          }}
        />
      ) : (
        <>
          {tab === 'people' && isConnected && missing.length > 0 && (
            <p className="growth-Notice growth-Said" role="status">
              <span>
                {plural(missing.length, 'step')} of the setup {missing.length === 1 ? 'is' : 'are'}{' '}
                missing: {missing.map(({ title }) => title).join('; ')}.
              </span>
              <Button label="Show the setup" look="link" onClick={() => show('setup')} />
            </p>
          )}
          <Tabs
            label="Roster"
            current={tab}
            onChange={next => show(next as TabId)}
            tabs={(Object.keys(TABS) as TabId[]).map(id => ({
              id,
              label: TABS[id],
              note: id === 'setup' && missing.length > 0 ? `${missing.length} missing` : undefined,
              render: () =>
                id === 'history' ? (
                  <HistoryView host={host} />
                ) : id === 'setup' || !isConnected ? (
                  <SetupView host={host} model={setup} />
                ) : (
                  <PeopleView host={host} model={people} work={work} onChanged={refresh} />
                )
            }))}
          />
        </>
      )}
    </div>
  );
}

/** One draft as long as the panel: closing the import by mistake loses no correction. */
function useDraft(host: IHost): Draft {
  const draft = React.useMemo(() => new Draft(new RosterClient(host.api)), [host.api]);
  React.useEffect(() => () => draft.dispose(), [draft]);
  return draft;
}

function showActions(current: TabId | null, show: (tab: TabId) => void): IAction[] {
  return (Object.keys(TABS) as TabId[]).map(id => ({
    id: `roster-show-${id}`,
    label: `Show ${TABS[id].toLowerCase()}`,
    isEnabled: id !== current,
    reason: id === current ? 'It is shown already' : undefined,
    execute: () => show(id)
  }));
}

interface IAreaModels {
  people: RosterModel;
  setup: SetupModel;
  jobs: JobsModel;
  /** Ask for people and jobs again. */
  refresh(): void;
}

/** Who there is and what goes on; GitHub is asked again when a job of this area has ended. */
function useArea(host: IHost, root: React.RefObject<HTMLDivElement>): IAreaModels {
  const { api } = host;
  const people = usePolled(() => new RosterModel(api), root, [api]) as RosterModel;
  const setup = usePolled(() => new SetupModel(api), root, [api]) as SetupModel;
  const jobs = usePolled(() => new JobsModel(api, { area: 'roster' }), root, [api]) as JobsModel;
  const refresh = React.useCallback(() => {
    void jobs.refresh();
    void people.reload();
  }, [jobs, people]);
  React.useEffect(() => {
    api.changed.connect(refresh);
    return () => {
      api.changed.disconnect(refresh);
    };
  }, [api, refresh]);
  const ended = React.useRef<ReadonlySet<string> | null>(null);
  const { data } = jobs;
  React.useEffect(() => {
    if (!data) {
      return;
    }
    const before = ended.current;
    ended.current = new Set(data.filter(isEnded).map(job => job.id));
    if (before && [...ended.current].some(id => !before.has(id))) {
      void people.refresh();
    }
  }, [data, people]);
  return { people, setup, jobs, refresh };
}
