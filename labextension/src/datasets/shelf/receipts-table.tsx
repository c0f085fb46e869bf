import * as React from 'react';

import type { IHost } from '../../panel/host';
import { EmptyState } from '../../ui/empty-state';
import { usePolled } from '../../ui/polled';
import { ProblemBanner } from '../../ui/problem-banner';
import { Skeleton } from '../../ui/skeleton';
import { StateBadge } from '../../ui/state-badge';
import type { IChip, IColumn } from '../../ui/table/columns';
import { Table } from '../../ui/table/table';
import { plural } from '../../ui/time';
import { FilterBox } from '../../ui/toolbar';
import { ReceiptsModel } from '../model';
import type { IReceiptRow } from '../types';
import { RECEIPT_STATES, RECEIPTS } from '../words';

const CHIPS: readonly IChip<IReceiptRow>[] = RECEIPT_STATES.map(state => ({
  id: state,
  label: state,
  tone: RECEIPTS[state].tone,
  test: row => row.state === state
}));

const COLUMNS: readonly IColumn<IReceiptRow>[] = [
  { id: 'user', label: 'Student', kind: 'name', value: row => row.user, width: 90, grow: 2 },
  {
    id: 'state',
    label: 'State',
    value: row => row.state,
    render: row => (
      <StateBadge
        tone={RECEIPTS[row.state].tone}
        word={
          row.edited_files > 0 ? `${row.state}, ${plural(row.edited_files, 'file')}` : row.state
        }
        title={row.detail || RECEIPTS[row.state].meaning}
      />
    ),
    width: 84
  },
  { id: 'version', label: 'Has', value: row => row.version, width: 50, grow: 0.2 },
  {
    id: 'time',
    label: 'As of',
    kind: 'time',
    value: row => row.time,
    width: 84,
    grow: 0.4,
    priority: 1
  },
  { id: 'detail', label: 'Detail', value: row => row.detail, width: 120, priority: 2 }
];

const keyOf = (row: IReceiptRow): string => row.user;

/** Which version each student has, as their last start left it. */
export function ReceiptsTable({ host, name }: { host: IHost; name: string }): JSX.Element {
  const root = React.useRef<HTMLDivElement>(null);
  const [filter, setFilter] = React.useState('');
  const model = usePolled(() => new ReceiptsModel(host.api, name), root, [host.api, name]);
  const { data, problem } = model;
  return (
    <div className="growth-Receipts" ref={root}>
      {problem && (
        <ProblemBanner
          problem={problem}
          doing="Asking who has which version"
          tone={data ? 'warn' : 'error'}
          onRetry={() => void model.refresh()}
        />
      )}
      {!data && !problem && <Skeleton what="who has which version" />}
      {data && data.unreadable > 0 && (
        <p className="growth-Notice">{`${plural(data.unreadable, 'receipt')} could not be read.`}</p>
      )}
      {data && data.rows.length > 8 && (
        <FilterBox label="Filter students" text={filter} onChange={setFilter} />
      )}
      {data && (
        <Table<IReceiptRow>
          label={`Who has which version of ${name}`}
          noun={['student', 'students']}
          rows={data.rows}
          columns={COLUMNS}
          chips={CHIPS}
          rowKey={keyOf}
          filter={filter}
          initialSort={{ column: 'user', isDescending: false }}
          empty={
            <EmptyState sentence="No student's server has told what it has yet. Each start leaves a line here." />
          }
        />
      )}
    </div>
  );
}
