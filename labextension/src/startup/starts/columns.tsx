import * as React from 'react';

import { StateBadge } from '../../ui/state-badge';
import type { IChip, IColumn } from '../../ui/table/columns';
import { formatSpan } from '../../ui/time';
import type { IStartRow, StartState } from '../types';
import { spellData, spellFault, spellImage, spellRevisions, START_STATES } from './states';
import { keyOf, STATE_ORDER } from './summary';

/** States whose chip stands even with 0 rows: "0 failed" is what one wants to read. */
const ALWAYS: readonly StartState[] = ['failed', 'timed-out', 'never-started', 'ok'];

/** Return the chips for these counts. */
export function chipsFor(counts: Readonly<Record<string, number>>): IChip<IStartRow>[] {
  return STATE_ORDER.filter(state => ALWAYS.includes(state) || (counts[state] ?? 0) > 0).map(
    state => ({
      id: state,
      label: START_STATES[state].word,
      tone: START_STATES[state].tone,
      test: row => row.state === state
    })
  );
}

export const COLUMNS: readonly IColumn<IStartRow>[] = [
  { id: 'user', label: 'User', kind: 'name', value: keyOf, width: 120, grow: 1.5 },
  {
    id: 'state',
    label: 'State',
    value: row => START_STATES[row.state].word,
    render: row => {
      const { tone, word, meaning } = START_STATES[row.state];
      return <StateBadge tone={tone} word={word} title={meaning} />;
    },
    width: 116,
    grow: 0.2
  },
  { id: 'when', label: 'When', kind: 'time', value: row => row.started, width: 94, grow: 0.2 },
  {
    id: 'took',
    label: 'Took',
    kind: 'number',
    value: row => row.duration_s,
    render: row => (row.duration_s === null ? <None /> : formatSpan(row.duration_s)),
    width: 64,
    grow: 0.1,
    priority: 3
  },
  { id: 'fault', label: 'What went wrong', value: spellFault, width: 150, grow: 4, priority: 1 },
  { id: 'script', label: 'Scripts', value: spellRevisions, width: 130, grow: 0.6, priority: 2 },
  {
    id: 'image',
    label: 'Image',
    value: row => [row.image, row.image_digest].filter(Boolean).join('@'),
    render: row => <span title={row.image}>{spellImage(row) || <None />}</span>,
    width: 130,
    grow: 0.8,
    priority: 4
  },
  {
    id: 'data',
    label: 'Data',
    value: spellData,
    render: row => <span title={spellData(row)}>{spellData(row) || <None />}</span>,
    width: 120,
    grow: 0.8,
    priority: 5
  }
];

function None(): JSX.Element {
  return <span className="growth-None">–</span>;
}
