import * as React from 'react';

import { type IAction, useActions } from '../../panel/actions';
import type { IHost } from '../../panel/host';
import { useTrait } from '../../panel/traits';
import { Button } from '../../ui/button';
import { copyText } from '../../ui/copy';
import { EmptyState } from '../../ui/empty-state';
import { PlanDialog } from '../../ui/plan-dialog';
import { Polled, usePolled } from '../../ui/polled';
import { ProblemBanner } from '../../ui/problem-banner';
import { Skeleton } from '../../ui/skeleton';
import { Table } from '../../ui/table/table';
import { plural } from '../../ui/time';
import { Toolbar } from '../../ui/toolbar';
import { StartupClient } from '../client';
import type { IStartList, IStartRow } from '../types';
import { chipsFor, COLUMNS } from './columns';
import { StartDetails } from './details';
import { Groups } from './groups';
import { keyOf, rowsOf, worstFirst } from './summary';
import { type IRestart, useRestart } from './use-restart';

const POLL_MS = 15_000;
const NO_ROWS: readonly IStartRow[] = [];
const NO_ACTIONS: readonly IAction[] = [];
const rowKey = (row: IStartRow): string => keyOf(row);

export interface IStartsViewProps {
  host: IHost;
  isShown: boolean;
}

/** What the last start of every server did: the same faults on top, then everybody. */
export function StartsView({ host, isShown }: IStartsViewProps): JSX.Element {
  const root = React.useRef<HTMLDivElement>(null);
  const csv = React.useRef(() => '');
  const client = React.useMemo(() => new StartupClient(host.api), [host.api]);
  const model = usePolled(
    () => new Polled<IStartList>({ load: () => client.listStarts(), interval_ms: POLL_MS }),
    root,
    [client]
  );
  const [filter, setFilter] = useTrait(host.traits, 'filter');
  const [selection, setSelection] = useTrait(host.traits, 'selection');
  const [isDetailed, setDetailed] = React.useState(false);
  const [groupId, setGroupId] = React.useState('');
  const restart = useRestart(host);
  const list = model.data;
  const group = list?.groups.find(({ id }) => id === groupId) ?? null;
  const all = React.useMemo(() => worstFirst(list?.rows ?? NO_ROWS), [list]);
  const rows = React.useMemo(() => rowsOf(all, group), [all, group]);
  const chips = React.useMemo(() => chipsFor(list?.counts ?? {}), [list]);
  const known = React.useMemo(() => new Set(all.map(keyOf)), [all]);
  const actions: IAction[] = [
    restart.actionFor(selection.filter(key => known.has(key))),
    {
      id: 'starts-copy-csv',
      label: 'Copy as CSV',
      isEnabled: list !== null,
      execute: () => void copyText(csv.current())
    },
    { id: 'starts-refresh', label: 'Refresh', isEnabled: true, execute: () => void model.refresh() }
  ];
  useActions(host.actions, isShown ? actions : NO_ACTIONS);
  return (
    <div className="growth-Starts" ref={root} hidden={!isShown} data-has-details={isDetailed}>
      <Toolbar
        label="Starts"
        actions={actions.slice(0, 1)}
        filter={filter}
        onFilter={setFilter}
        filterHint="User, error, image"
        polled={model}
      />
      {model.problem && (
        <ProblemBanner
          problem={model.problem}
          doing="Reading what every start did"
          tone={list ? 'warn' : 'error'}
          onRetry={() => void model.refresh()}
        />
      )}
      {restart.problem && !restart.plan && (
        <ProblemBanner
          problem={restart.problem}
          doing={restart.doing}
          onDismiss={() => restart.close()}
        />
      )}
      {list && <Doubts list={list} />}
      {list ? (
        <>
          <Groups
            groups={list.groups}
            chosen={group}
            onChoose={chosen => setGroupId(chosen?.id ?? '')}
            onFind={key => {
              setGroupId('');
              setFilter(key);
            }}
            restart={restart.actionFor}
          />
          {group && (
            <p className="growth-Notice growth-ScriptNotice">
              <span>{`Only the ${plural(rows.length, 'start')} with: ${group.title}`}</span>
              <Button label="Show all starts" onClick={() => setGroupId('')} />
            </p>
          )}
          <Table
            label="Starts"
            noun={['start', 'starts']}
            rows={rows}
            columns={COLUMNS}
            chips={chips}
            rowKey={rowKey}
            filter={filter}
            selection={selection}
            onSelection={setSelection}
            actionsFor={chosen => [restart.actionFor(chosen.map(row => keyOf(row)))]}
            details={row => (
              <StartDetails
                key={keyOf(row)}
                client={client}
                row={row}
                restart={restart.actionFor([keyOf(row)])}
                onShown={setDetailed}
              />
            )}
            csvRef={csv}
            empty={
              <EmptyState
                sentence="No server has started yet. Once one does, what its start scripts did stands here."
                runbook="T01-what-did-every-start-do.ipynb"
              />
            }
          />
        </>
      ) : (
        !model.problem && <Skeleton what="starts" rows={10} />
      )}
      <RestartDialog restart={restart} host={host} onClosed={() => void model.refresh()} />
    </div>
  );
}

/** What this table cannot know, and why. */
function Doubts({ list }: { list: IStartList }): JSX.Element | null {
  const unreadable = list.unreadable_records;
  const lines = [...list.notes];
  if (unreadable > 0) {
    lines.push(`${plural(unreadable, 'record')} of starts could not be read and left out.`);
  }
  if (lines.length === 0) {
    return null;
  }
  return (
    <div className="growth-Notice growth-Doubts">
      {lines.map(line => (
        <p key={line}>{line}</p>
      ))}
    </div>
  );
}

function RestartDialog(props: {
  restart: IRestart;
  host: IHost;
  onClosed(): void;
}): JSX.Element | null {
  const { restart, host, onClosed } = props;
  if (!restart.plan) {
    return null;
  }
  return (
    <PlanDialog
      key={restart.plan.id}
      plan={restart.plan}
      applyLabel={restart.label}
      isDanger
      api={host.api}
      apply={() => restart.apply()}
      replan={restart.again}
      replanProblem={restart.problem}
      isBusy={restart.isAsking}
      onClose={({ receipt }) => {
        restart.close(receipt);
        onClosed();
      }}
    />
  );
}
