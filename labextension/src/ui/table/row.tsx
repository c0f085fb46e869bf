import * as React from 'react';

import { MiddleText } from '../middle-text';
import { formatCount, RelativeTime } from '../time';
import type { IColumn } from './columns';

export interface IRowProps<T> {
  id: string;
  row: T;
  rowKey: string;
  /** What a screen reader calls the row. */
  label: string;
  columns: readonly IColumn<T>[];
  /** 1-based, the header counted, as ARIA wants it. */
  ariaIndex: number;
  /** Where it stands, when only the rows in sight are drawn. */
  top_px?: number;
  isSelectable: boolean;
  isSelected: boolean;
  isActive: boolean;
  isOpen: boolean;
  onPick(key: string, part: 'row' | 'box', event: React.MouseEvent): void;
  onMenu(key: string, event: React.MouseEvent): void;
}

function RowView<T>(props: IRowProps<T>): JSX.Element {
  const { row, rowKey, columns } = props;
  return (
    <tr
      id={props.id}
      className={props.top_px === undefined ? 'growth-Row' : 'growth-Row growth-mod-placed'}
      style={{ top: props.top_px }}
      role="row"
      aria-rowindex={props.ariaIndex}
      aria-selected={props.isSelectable ? props.isSelected : undefined}
      data-active={props.isActive}
      data-open={props.isOpen}
      onClick={event => props.onPick(rowKey, 'row', event)}
      onContextMenu={event => props.onMenu(rowKey, event)}
    >
      {props.isSelectable && (
        <td role="gridcell" className="growth-Cell-box">
          <input
            type="checkbox"
            tabIndex={-1}
            aria-label={`Select ${props.label}`}
            checked={props.isSelected}
            onClick={event => {
              event.stopPropagation();
              props.onPick(rowKey, 'box', event);
            }}
            onChange={() => undefined}
          />
        </td>
      )}
      {columns.map(column => (
        <td
          key={column.id}
          role="gridcell"
          className={`growth-Cell growth-mod-${column.kind ?? 'text'}`}
        >
          {column.render ? column.render(row) : <Value column={column} row={row} />}
        </td>
      ))}
    </tr>
  );
}

/** A row is drawn again only when something about it has changed. */
export const Row = React.memo(RowView) as typeof RowView;

function Value<T>({ column, row }: { column: IColumn<T>; row: T }): JSX.Element {
  const value = column.value(row);
  if (value === null || value === undefined || value === '') {
    return <span className="growth-None">–</span>;
  }
  if (column.kind === 'time') {
    return <RelativeTime time={String(value)} />;
  }
  if (column.kind === 'name') {
    return <MiddleText text={String(value)} />;
  }
  const text = typeof value === 'number' ? formatCount(value) : value;
  return <span title={text}>{text}</span>;
}
