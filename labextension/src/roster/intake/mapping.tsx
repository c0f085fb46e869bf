import * as React from 'react';

import type { FieldName, IListColumn } from '../types';
import { type Draft, letterOf, nameOf } from './draft';
import { FIELDS } from './words';

/** The columns with what they were recognised as; what is wrong is changed here. */
export function Mapping({ draft }: { draft: Draft }): JSX.Element {
  const columns = draft.preview?.columns ?? [];
  return (
    <div className="growth-Mapping" role="group" aria-label="Columns of the list">
      {columns.map(column => (
        <ColumnCard key={column.index} column={column} draft={draft} />
      ))}
    </div>
  );
}

function ColumnCard({ column, draft }: { column: IListColumn; draft: Draft }): JSX.Element {
  const name = nameOf(column);
  return (
    <div className="growth-Mapping-column" data-used={column.field !== ''}>
      <strong title={`Column ${letterOf(column.index)}`}>{name}</strong>
      <select
        aria-label={`Column ${name} holds`}
        value={column.field}
        onChange={event => void draft.setField(column.index, event.target.value as FieldName)}
      >
        {Object.entries(FIELDS).map(([field, label]) => (
          <option key={field} value={field}>
            {label}
          </option>
        ))}
      </select>
      <ul aria-label={`Samples of ${name}`}>
        {column.samples.slice(0, 3).map((sample, index) => (
          <li key={index} title={sample}>
            {sample}
          </li>
        ))}
        {column.samples.length === 0 && <li className="growth-None">empty</li>}
      </ul>
    </div>
  );
}
