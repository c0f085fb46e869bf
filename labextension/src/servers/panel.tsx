/** Start, stop and restart servers: choose which, read the plan, apply, see the waves. */

import './style';

import * as React from 'react';

import { JobsModel } from '../jobs/model';
import { jobsToShow } from '../jobs/section';
import type { Problem } from '../api/problem';
import type { IServer } from '../api/types';
import { type IAction, useActions } from '../panel/actions';
import type { IHost, IPanelProps } from '../panel/host';
import { useTrait } from '../panel/traits';
import { Button } from '../ui/button';
import { copyText } from '../ui/copy';
import { EmptyState } from '../ui/empty-state';
import { type Polled, usePolled } from '../ui/polled';
import { ProblemBanner } from '../ui/problem-banner';
import { Skeleton } from '../ui/skeleton';
import { Table } from '../ui/table/table';
import { formatCount } from '../ui/time';
import { Toolbar } from '../ui/toolbar';
import { controlActions, likeActions, openAction } from './actions';
import { chipsOf, COLUMNS } from './columns';
import { ANYBODY, type ICriteria, isAnybody, narrow } from './criteria';
import { CriteriaBar } from './criteria-bar';
import { ServerDetails } from './details';
import { useHanded } from './handed';
import { type IServers, keyOf, ServersModel } from './model';
import { PlanView } from './plan-view';
import { type IPlanning, usePlanning } from './planning';
import { Rollouts } from './rollouts';

const NOTHING: readonly IServer[] = [];

export function ServersPanel({ host }: IPanelProps): JSX.Element {
  const root = React.useRef<HTMLDivElement>(null);
  const csv = React.useRef(() => '');
  const model = usePolled(() => new ServersModel(host.api), root, [host.api]);
  const jobs = useRollouts(host, root, () => void model.refresh());
  const [filter, setFilter] = useTrait(host.traits, 'filter');
  const [selection, setSelection] = useTrait(host.traits, 'selection');
  const [criteria, setCriteria] = React.useState<ICriteria>(ANYBODY);
  useHanded(filter, setFilter, setCriteria);
  const [isMoreOpen, setMoreOpen] = React.useState(false);
  const [refusal, setRefusal] = React.useState<Problem | null>(null);
  const planning = usePlanning(host);
  const rows = model.data?.servers ?? NOTHING;
  const narrowed = React.useMemo(() => narrow(rows, criteria, Date.now()), [rows, criteria]);
  const chips = React.useMemo(() => chipsOf(rows), [rows]);
  const selected = React.useMemo(() => {
    const keys = new Set(selection);
    return rows.filter(server => keys.has(keyOf(server)));
  }, [rows, selection]);
  const actionsFor = (servers: readonly IServer[]): IAction[] => [
    ...controlActions(servers, planning),
    openAction(servers, host, setRefusal)
  ];
  const actions = actionsFor(selected);
  const like = likeActions(criteria, narrowed, planning);
  const more: IAction = {
    id: 'servers-filters',
    label: 'More filters',
    isEnabled: true,
    execute: () => setMoreOpen(!isMoreOpen)
  };
  useActions(host.actions, [...actions, ...like, more, ...listActions(model, csv)]);
  return (
    <div className="growth-Area" ref={root}>
      <Rollouts
        model={jobs.model}
        jobs={jobs.shown}
        loadLog={(job, offset) => host.api.getJobLog(job.id, offset)}
        onSelect={setSelection}
      />
      <Toolbar
        label="Servers"
        actions={actions.slice(0, -1)}
        filter={filter}
        onFilter={setFilter}
        polled={model}
      >
        <Button
          label={isAnybody(criteria) ? 'More filters' : 'More filters: on'}
          icon={isMoreOpen ? 'down' : 'right'}
          isExpanded={isMoreOpen}
          title="Choose servers by team, image, script revision, idle time or last start"
          onClick={more.execute}
        />
      </Toolbar>
      {(isMoreOpen || !isAnybody(criteria)) && (
        <CriteriaBar
          rows={rows}
          criteria={criteria}
          narrowed={narrowed}
          actions={like}
          onChange={setCriteria}
        />
      )}
      <Planning planning={planning} />
      {refusal && (
        <ProblemBanner
          problem={refusal}
          doing="Opening the server"
          onDismiss={() => setRefusal(null)}
        />
      )}
      <Trouble host={host} model={model} />
      {model.data ? (
        <Table<IServer>
          label="Servers"
          noun={['server', 'servers']}
          rows={narrowed.rows}
          columns={COLUMNS}
          chips={chips}
          rowKey={keyOf}
          filter={filter}
          selection={selection}
          onSelection={setSelection}
          actionsFor={actionsFor}
          csvRef={csv}
          initialSort={{ column: 'user', isDescending: false }}
          details={server => (
            <ServerDetails host={host} server={server} actions={actionsFor([server])} />
          )}
          empty={<Nobody isNarrowed={rows.length > 0} onAll={() => setCriteria(ANYBODY)} />}
        />
      ) : (
        !model.problem && <Skeleton what="servers" rows={12} />
      )}
      {planning.planned && (
        <PlanView
          host={host}
          planning={planning}
          planned={planning.planned}
          onClose={() => {
            void model.refresh();
            void jobs.model.refresh();
          }}
        />
      )}
    </div>
  );
}

/** The jobs of servers; the list is asked again when one of them has ended. */
function useRollouts(
  host: IHost,
  root: React.RefObject<HTMLDivElement>,
  onEnded: () => void
): { model: JobsModel; shown: ReturnType<typeof jobsToShow> } {
  const model = usePolled(() => new JobsModel(host.api, { area: 'servers' }), root, [
    host.api
  ]) as JobsModel;
  const shown = jobsToShow(model.data ?? [], host.me.login, Date.now());
  const running = shown.filter(({ ended }) => !ended).length;
  const before = React.useRef(running);
  React.useEffect(() => {
    if (running < before.current) {
      onEnded();
    }
    before.current = running;
  });
  return { model, shown };
}

function listActions(
  model: Polled<IServers>,
  csv: React.MutableRefObject<() => string>
): IAction[] {
  return [
    {
      id: 'servers-copy-csv',
      label: 'Copy as CSV',
      isEnabled: model.data !== null,
      execute: () => void copyText(csv.current())
    },
    {
      id: 'servers-refresh',
      label: 'Refresh',
      isEnabled: true,
      execute: () => void model.refresh()
    }
  ];
}

/** That a plan is being made, or why there is none. */
function Planning({ planning }: { planning: IPlanning }): JSX.Element | null {
  if (planning.planned) {
    return null;
  }
  if (planning.problem) {
    return (
      <ProblemBanner
        problem={planning.problem}
        doing={planning.doing}
        onDismiss={() => planning.stop()}
      />
    );
  }
  return planning.isAsking ? (
    <p className="growth-Notice" role="status">
      Planning: {planning.doing}
    </p>
  ) : null;
}

/** What is missing in the list, and why. */
function Trouble({ host, model }: { host: IHost; model: Polled<IServers> }): JSX.Element {
  const missing = host.me.missing.find(({ area }) => area === 'servers');
  const { data, problem } = model;
  return (
    <>
      {problem && missing && <EmptyState sentence={`${missing.what} ${missing.hint}`} />}
      {problem && !missing && (
        <ProblemBanner
          problem={problem}
          doing="Listing servers"
          tone={data ? 'warn' : 'error'}
          onRetry={() => void model.refresh()}
        />
      )}
      {data && !data.isComplete && (
        <p className="growth-Notice" role="status">
          The first {formatCount(data.servers.length)} of {formatCount(data.total)}; the hub is
          still telling the rest. “All” means those that are here.
        </p>
      )}
      {data?.notes.map(note => (
        <p className="growth-Notice" role="status" key={note}>
          {note}
        </p>
      ))}
    </>
  );
}

function Nobody(props: { isNarrowed: boolean; onAll(): void }): JSX.Element {
  return props.isNarrowed ? (
    <EmptyState
      sentence="No server is like this."
      action={<Button label="Show all servers" onClick={props.onAll} />}
    />
  ) : (
    <EmptyState sentence="The hub shows you no server yet: nobody has logged in, or your groups open none." />
  );
}
