import * as React from 'react';

import type { IServer, ServerAction } from '../api/types';
import { type IAction, useActions } from '../panel/actions';
import type { IHost, IPanelProps } from '../panel/host';
import { useTrait } from '../panel/traits';
import { ActionButton } from '../ui/button';
import { copyText } from '../ui/copy';
import { EmptyState } from '../ui/empty-state';
import { PlanDialog } from '../ui/plan-dialog';
import { usePolled } from '../ui/polled';
import { ProblemBanner } from '../ui/problem-banner';
import { Skeleton } from '../ui/skeleton';
import { Table } from '../ui/table/table';
import { Toolbar } from '../ui/toolbar';
import { CHIPS, COLUMNS, ServerDetails } from './columns';
import { affected, keyOf, labelOf, refsOf, ServersModel } from './model';
import { type IPlanning, usePlanning } from './planning';

const ACTIONS: readonly ServerAction[] = ['restart', 'start', 'stop'];
const NOTHING: readonly IServer[] = [];

/** Start, stop and restart servers: choose who, read the plan, apply. */
export function ServersPanel({ host }: IPanelProps): JSX.Element {
  const root = React.useRef<HTMLDivElement>(null);
  const csv = React.useRef(() => '');
  const model = usePolled(() => new ServersModel(host.api), root, [host.api]);
  const [filter, setFilter] = useTrait(host.traits, 'filter');
  const [selection, setSelection] = useTrait(host.traits, 'selection');
  const planning = usePlanning(host);
  const missing = host.me.missing.find(({ area }) => area === 'servers');
  const rows = model.data ?? NOTHING;
  const selected = React.useMemo(() => {
    const keys = new Set(selection);
    return rows.filter(server => keys.has(keyOf(server)));
  }, [rows, selection]);
  const actionsFor = (servers: readonly IServer[]): IAction[] => [
    ...ACTIONS.map(action => serverAction(action, servers, planning.start)),
    openAction(servers, host)
  ];
  const actions = actionsFor(selected);
  useActions(host.actions, [
    ...actions,
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
  ]);
  return (
    <div className="growth-Area" ref={root}>
      <Toolbar
        label="Servers"
        actions={actions.slice(0, ACTIONS.length)}
        filter={filter}
        onFilter={setFilter}
        polled={model}
      />
      {planning.problem && (
        <ProblemBanner
          problem={planning.problem}
          doing={planning.doing}
          onDismiss={planning.stop}
        />
      )}
      {model.problem && missing && <EmptyState sentence={`${missing.what} ${missing.hint}`} />}
      {model.problem && !missing && (
        <ProblemBanner
          problem={model.problem}
          doing="Listing servers"
          tone={model.data ? 'warn' : 'error'}
          onRetry={() => void model.refresh()}
        />
      )}
      {model.data ? (
        <Table<IServer>
          label="Servers"
          noun={['server', 'servers']}
          rows={rows}
          columns={COLUMNS}
          chips={CHIPS}
          rowKey={keyOf}
          filter={filter}
          selection={selection}
          onSelection={setSelection}
          actionsFor={actionsFor}
          csvRef={csv}
          initialSort={{ column: 'user', isDescending: false }}
          details={server => (
            <>
              <ServerDetails server={server} />
              <div className="growth-Details-actions">
                {actionsFor([server])
                  .filter(action => action.isEnabled)
                  .map(action => (
                    <ActionButton key={action.id} action={{ ...action, look: undefined }} />
                  ))}
              </div>
            </>
          )}
          empty={
            <EmptyState sentence="The hub shows you no server yet: nobody has logged in, or your groups open none." />
          }
        />
      ) : (
        !model.problem && <Skeleton what="servers" />
      )}
      {planning.plan && (
        <PlanDialog
          key={planning.plan.plan.id}
          plan={planning.plan.plan}
          applyLabel={labelOf(planning.plan.action, planning.plan.servers)}
          isDanger={planning.plan.action !== 'start'}
          apply={() => planning.apply()}
          api={host.api}
          replan={planning.again}
          onClose={({ receipt }) => {
            if (receipt) {
              host.traits.set('receipt', { ...receipt });
            }
            planning.stop();
            void model.refresh();
          }}
        />
      )}
    </div>
  );
}

function serverAction(
  action: ServerAction,
  servers: readonly IServer[],
  start: IPlanning['start']
): IAction {
  const targets = affected(action, servers);
  return {
    id: `servers-${action}`,
    label: `${labelOf(action, refsOf(targets))}`,
    isEnabled: targets.length > 0,
    look: action === 'restart' ? 'primary' : undefined,
    reason:
      servers.length === 0
        ? 'Select servers first'
        : targets.length === 0
          ? `None of the selected can be ${PARTICIPLES[action]} now`
          : undefined,
    execute: () => start(action, refsOf(targets))
  };
}

const PARTICIPLES: Record<ServerAction, string> = {
  start: 'started',
  stop: 'stopped',
  restart: 'restarted'
};

function openAction(servers: readonly IServer[], host: IHost): IAction {
  const [server] = servers;
  const url = servers.length === 1 && server.state === 'ready' ? server.url : null;
  return {
    id: 'servers-open',
    label: 'Open in a new browser tab',
    isEnabled: url !== null,
    reason: url === null ? 'Select one server that is ready' : undefined,
    execute: () => url && host.school.openUrl(url)
  };
}
