/** The grid itself: rows under a sticky header, drawn only where one looks when there are many. */

import * as React from 'react';

import { Menu } from '../menu';
import { formatCount } from '../time';
import { type ISort, nextSort } from './columns';
import { type IGridCursor, useGridCursor } from './grid-cursor';
import { ROW_PX, useGridRows } from './grid-rows';
import { Head } from './head';
import { Row } from './row';
import { add, remove } from './selection';
import type { ITableProps } from './table';

export interface IGridProps<T> extends ITableProps<T> {
  /** Filtered and sorted. */
  shown: readonly T[];
  sort: ISort | null;
  onSort(sort: ISort | null): void;
  openKey: string | null;
  onOpen?(key: string | null): void;
}

const NO_KEYS: readonly string[] = [];

export function Grid<T>(props: IGridProps<T>): JSX.Element {
  const { shown, rowKey, selection = NO_KEYS, onSelection } = props;
  const scroller = React.useRef<HTMLDivElement>(null);
  const table = React.useRef<HTMLTableElement>(null);
  const prefix = React.useId();
  const idOf = (index: number): string => `${prefix}-${index}`;
  const hasBoxes = onSelection !== undefined;
  const keys = React.useMemo(() => shown.map(rowKey), [shown, rowKey]);
  const selected = React.useMemo(() => new Set(selection), [selection]);
  const rows = useGridRows(scroller, props.columns, shown.length, hasBoxes);
  const cursor = useGridCursor({ ...props, keys, idOf, selection, scrollTo: rows.scrollTo });
  return (
    <div className="growth-Scroller" ref={scroller}>
      <table
        ref={table}
        role="grid"
        aria-label={props.label}
        aria-rowcount={shown.length + 1}
        aria-multiselectable={hasBoxes}
        aria-activedescendant={cursor.activeKey !== null ? idOf(cursor.active) : undefined}
        tabIndex={0}
        style={{ '--growth-tracks': rows.tracks } as React.CSSProperties}
        onKeyDown={cursor.onKeyDown}
        onFocus={cursor.onFocus}
      >
        <Head
          columns={rows.columns}
          sort={props.sort}
          onSort={column => props.onSort(nextSort(props.sort, column))}
          all={onSelection && selectAllBox(keys, selected, selection, onSelection)}
        />
        <tbody role="rowgroup" style={{ height: rows.height_px }}>
          {shown.slice(rows.first, rows.end).map((row, offset) => {
            const index = rows.first + offset;
            const key = keys[index];
            return (
              <Row
                key={key}
                id={idOf(index)}
                row={row}
                rowKey={key}
                label={(props.detailsTitle ?? rowKey)(row)}
                columns={rows.columns}
                ariaIndex={index + 2}
                top_px={rows.height_px === undefined ? undefined : index * ROW_PX}
                isSelectable={hasBoxes}
                isSelected={selected.has(key)}
                isActive={cursor.activeKey === key}
                isOpen={props.openKey === key}
                onPick={cursor.onPick}
                onMenu={cursor.onMenu}
              />
            );
          })}
        </tbody>
      </table>
      {shown.length === 0 && (
        <p className="growth-Empty">{`No ${props.noun[0]} matches the filter.`}</p>
      )}
      <RowMenu
        {...props}
        cursor={cursor}
        selected={selected}
        onDone={() => table.current?.focus({ preventScroll: true })}
      />
    </div>
  );
}

/** The box in the header: all that match, some of them, or none. */
function selectAllBox(
  keys: readonly string[],
  selected: ReadonlySet<string>,
  selection: readonly string[],
  onSelection: (keys: readonly string[]) => void
): React.ComponentProps<typeof Head>['all'] {
  const inSight = keys.filter(key => selected.has(key)).length;
  const isAll = inSight > 0 && inSight === keys.length;
  return {
    isChecked: isAll,
    isMixed: inSight > 0 && !isAll,
    label: `Select all ${formatCount(keys.length)} that match`,
    onToggle: () => onSelection(isAll ? remove(selection, keys) : add(selection, keys))
  };
}

interface IRowMenuProps<T> extends IGridProps<T> {
  cursor: IGridCursor;
  selected: ReadonlySet<string>;
  onDone(): void;
}

/** The context menu: for the selected rows when it opens on one of them, otherwise for that row. */
function RowMenu<T>(props: IRowMenuProps<T>): JSX.Element | null {
  const { cursor, selected, shown, rowKey, noun } = props;
  const { menu } = cursor;
  if (!menu) {
    return null;
  }
  const isSelected = selected.has(menu.key);
  const rows = shown.filter(row =>
    isSelected ? selected.has(rowKey(row)) : rowKey(row) === menu.key
  );
  const actions = props.actionsFor?.(rows) ?? [];
  if (actions.length === 0) {
    return null;
  }
  return (
    <Menu
      label={`Actions for ${rows.length === 1 ? (props.detailsTitle ?? rowKey)(rows[0]) : `${rows.length} ${noun[1]}`}`}
      actions={actions}
      x={menu.x}
      y={menu.y}
      onClose={() => {
        cursor.setMenu(null);
        props.onDone();
      }}
    />
  );
}
