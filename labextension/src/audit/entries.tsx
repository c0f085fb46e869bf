/** The trail as a table; the panels of the areas show their own part of it. */

import * as React from 'react';

import type { GrowthApi } from '../api/client';
import type { IAuditEntry } from '../api/types';
import { StateBadge, type Tone } from '../ui/state-badge';
import type { IChip, IColumn } from '../ui/table/columns';
import { Table } from '../ui/table/table';
import { EntryDetails } from './details';

type Result = IAuditEntry['result'];

export const RESULT_TONES: Record<Result, Tone> = {
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
  tone: RESULT_TONES[result],
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
    render: entry => <StateBadge tone={RESULT_TONES[entry.result]} word={entry.result} />,
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

const keyOf = (entry: IAuditEntry): string => entry.id;

interface IEntriesTableProps {
  api: GrowthApi;
  entries: readonly IAuditEntry[];
  /** Text of the filter box. */
  filter: string;
  csvRef?: React.MutableRefObject<() => string>;
  empty: React.ReactNode;
}

/** Who did what to what; a row opens the change in full, with its undo. */
export function EntriesTable({ api, entries, ...rest }: IEntriesTableProps): JSX.Element {
  return (
    <Table
      {...rest}
      label="Changes"
      noun={['change', 'changes']}
      rows={entries}
      columns={COLUMNS}
      chips={CHIPS}
      rowKey={keyOf}
      detailsTitle={entry => `${entry.action} ${entry.target}`.trim()}
      details={entry => <EntryDetails key={entry.id} entry={entry} api={api} />}
    />
  );
}
