import * as React from 'react';

import { Icon } from '../icons';
import type { IColumn, ISort } from './columns';

export interface IHeadProps<T> {
  columns: readonly IColumn<T>[];
  sort: ISort | null;
  onSort(column: string): void;
  /** Missing for a table without selection. */
  all?: { isChecked: boolean; isMixed: boolean; label: string; onToggle(): void };
}

/** The sticky header: a button for each column, and the box that selects what is shown. */
export function Head<T>({ columns, sort, onSort, all }: IHeadProps<T>): JSX.Element {
  const box = React.useRef<HTMLInputElement>(null);
  React.useEffect(() => {
    if (box.current) {
      box.current.indeterminate = all?.isMixed ?? false;
    }
  });
  return (
    <thead role="rowgroup">
      <tr role="row" aria-rowindex={1}>
        {all && (
          <th role="columnheader" className="growth-Cell-box">
            <input
              ref={box}
              type="checkbox"
              aria-label={all.label}
              title={all.label}
              checked={all.isChecked}
              onChange={all.onToggle}
            />
          </th>
        )}
        {columns.map(column => {
          const isSorted = sort?.column === column.id;
          const order = sort?.isDescending ? 'descending' : 'ascending';
          return (
            <th
              key={column.id}
              role="columnheader"
              scope="col"
              aria-sort={isSorted ? order : 'none'}
              className={`growth-mod-${column.kind ?? 'text'}`}
            >
              <button
                type="button"
                onClick={() => onSort(column.id)}
                title={`Sort by ${column.label}`}
              >
                <span>{column.label}</span>
                {isSorted && <Icon name={sort.isDescending ? 'down' : 'up'} />}
              </button>
            </th>
          );
        })}
      </tr>
    </thead>
  );
}
