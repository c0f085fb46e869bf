import * as React from 'react';

import type { IAuditQuery } from '../api/client';
import { type IAction, useActions } from '../panel/actions';
import type { IPanelProps } from '../panel/host';
import { useTrait } from '../panel/traits';
import { copyText } from '../ui/copy';
import { EmptyState } from '../ui/empty-state';
import { usePolled } from '../ui/polled';
import { ProblemBanner } from '../ui/problem-banner';
import { Skeleton } from '../ui/skeleton';
import { Toolbar } from '../ui/toolbar';
import { EntriesTable } from './entries';
import { AuditModel, LIMIT } from './model';

const NONE_AT_ALL = 'Nothing was changed yet in the areas that are open to you.';
const NONE_ASKED = 'Nothing was changed in this time by whom you asked for.';
const isAsked = (query: IAuditQuery): boolean => Object.values(query).some(Boolean);

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
        <EntriesTable
          api={host.api}
          entries={entries}
          filter={filter}
          csvRef={csv}
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
