import * as React from 'react';

import type { IAuditQuery } from '../api/client';
import type { IAuditEntry } from '../api/types';
import { type IAction, useActions } from '../panel/actions';
import type { IPanelProps } from '../panel/host';
import { useTrait } from '../panel/traits';
import { copyText } from '../ui/copy';
import { EmptyState } from '../ui/empty-state';
import { usePolled } from '../ui/polled';
import { ProblemBanner } from '../ui/problem-banner';
import { Skeleton } from '../ui/skeleton';
import { StateBadge, type Tone } from '../ui/state-badge';
import type { IChip, IColumn } from '../ui/table/columns';
import { Table } from '../ui/table/table';
import { Toolbar } from '../ui/toolbar';
import { EntryDetails } from './details';
import { AuditModel, LIMIT } from './model';

type Result = IAuditEntry['result'];

const TONES: Record<Result, Tone> = {
  done: 'ok',
  accepted: 'info',
  refused: 'warn',
  failed: 'error'
};

const CHIPS: readonly IChip<IAuditEntry>[] = (
  ['done', 'accepted', 'refused', 'failed'] as const
).map(result => ({
  id: result,
  label: result,
  tone: TONES[result],
  test: entry => entry.result === result
}));

const COLUMNS: readonly IColumn<IAuditEntry>[] = [
  { id: 'time', label: 'When', kind: 'time', value: entry => entry.time, width: 90, grow: 0.3 },
  { id: 'user', label: 'Who', kind: 'name', value: entry => entry.user, width: 110 },
  { id: 'action', label: 'What', value: entry => entry.action, width: 140, grow: 2 },
  {
    id: 'target',
    label: 'To what',
    kind: 'name',
    value: entry => entry.target,
    width: 110,
    priority: 1
  },
  {
    id: 'result',
    label: 'Result',
    value: entry => entry.result,
    render: entry => <StateBadge tone={TONES[entry.result]} word={entry.result} />,
    width: 100,
    grow: 0.2
  },
  {
    id: 'permission',
    label: 'Permission',
    value: entry => entry.permission,
    width: 160,
    priority: 3
  },
  { id: 'detail', label: 'Reason', value: entry => entry.detail, width: 140, grow: 2, priority: 2 }
];

const NONE_AT_ALL = 'Nothing was changed yet in the areas that are open to you.';
const NONE_ASKED = 'Nothing was changed in this time by whom you asked for.';
const isAsked = (query: IAuditQuery): boolean => Object.values(query).some(Boolean);
const keyOf = (entry: IAuditEntry): string => entry.id;

/** Changes: filter by who, permission and date; the server applies them. */
export function AuditPanel({ host }: IPanelProps): JSX.Element {
  const root = React.useRef<HTMLDivElement>(null);
  const csv = React.useRef(() => '');
  const [filter, setFilter] = useTrait(host.traits, 'filter');
  const [query, setQuery] = React.useState<IAuditQuery>({});
  const model = usePolled(() => new AuditModel(host.api, query), root, [host.api, query]);
  const entries = model.data?.entries;
  const actions: IAction[] = [
    {
      id: 'audit-copy-csv',
      label: 'Copy as CSV',
      isEnabled: entries !== undefined,
      execute: () => void copyText(csv.current())
    },
    {
      id: 'audit-refresh',
      label: 'Refresh',
      isEnabled: true,
      execute: () => void model.refresh()
    }
  ];
  useActions(host.actions, actions);
  return (
    <div className="growth-Area" ref={root}>
      <Toolbar label="Changes" filter={filter} onFilter={setFilter} polled={model}>
        <Query query={query} onChange={setQuery} />
      </Toolbar>
      {model.problem && (
        <ProblemBanner
          problem={model.problem}
          doing="Reading the changes"
          tone={entries ? 'warn' : 'error'}
          onRetry={() => void model.refresh()}
        />
      )}
      {model.data?.is_truncated && (
        <p className="growth-Notice">{`Only the newest ${LIMIT} are shown: narrow them by who, permission or date.`}</p>
      )}
      {Boolean(model.data?.unreadable) && (
        <p className="growth-Notice">{`${model.data?.unreadable} lines of the trail could not be read.`}</p>
      )}
      {entries ? (
        <Table
          label="Changes"
          noun={['change', 'changes']}
          rows={entries}
          columns={COLUMNS}
          chips={CHIPS}
          rowKey={keyOf}
          filter={filter}
          csvRef={csv}
          detailsTitle={entry => `${entry.action} ${entry.target}`.trim()}
          details={entry => <EntryDetails key={entry.id} entry={entry} api={host.api} />}
          empty={<EmptyState sentence={isAsked(query) ? NONE_ASKED : NONE_AT_ALL} />}
        />
      ) : (
        !model.problem && <Skeleton what="changes" />
      )}
    </div>
  );
}

/** Who, permission and date: asked of the server, so that old changes can be found too. */
function Query(props: { query: IAuditQuery; onChange(query: IAuditQuery): void }): JSX.Element {
  const [draft, setDraft] = React.useState(props.query);
  const latest = React.useRef(props);
  latest.current = props;
  React.useEffect(() => {
    const timer = window.setTimeout(() => {
      if (draft !== latest.current.query) {
        latest.current.onChange(draft);
      }
    }, 400);
    return () => window.clearTimeout(timer);
  }, [draft]);
  const text = (name: 'user' | 'permission', hint: string): JSX.Element => (
    <input
      type="text"
      aria-label={hint}
      placeholder={hint}
      value={draft[name] ?? ''}
      spellCheck={false}
      onChange={event => setDraft({ ...draft, [name]: event.target.value })}
    />
  );
  const day = (name: 'since' | 'until', label: string, end: string): JSX.Element => (
    <label>
      {label}
      <input
        type="date"
        onChange={event => {
          const { value } = event.target;
          const time = value ? new Date(`${value}T${end}`).toISOString() : undefined;
          setDraft({ ...draft, [name]: time });
        }}
      />
    </label>
  );
  return (
    <span className="growth-Query">
      {text('user', 'Who')}
      {text('permission', 'Permission')}
      {day('since', 'from', '00:00:00')}
      {day('until', 'to', '23:59:59.999')}
    </span>
  );
}
