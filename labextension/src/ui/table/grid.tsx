/** The grid itself: rows under a sticky header, drawn only where one looks when there are many. */

import { useVirtualizer } from '@tanstack/react-virtual';
import * as React from 'react';

import { Menu } from '../menu';
import { DEFAULT_WIDTH_PX, fitColumns, type IColumn, type ISort, nextSort } from './columns';
import { Head } from './head';
import { gridKey } from './keys';
import { Row } from './row';
import { add, range, remove, toggle } from './selection';
import type { ITableProps } from './table';
import { useWidth } from './use-width';

/** More rows than this are virtualised. */
export const VIRTUAL_FROM = 200;
const ROW_PX = 28;
const BOX_PX = 32;

export interface IGridProps<T> extends ITableProps<T> {
  /** Filtered and sorted. */
  shown: readonly T[];
  sort: ISort | null;
  onSort(sort: ISort | null): void;
  openKey: string | null;
  onOpen?(key: string | null): void;
}

interface IMenuPlace {
  key: string;
  x: number;
  y: number;
}

export function Grid<T>(props: IGridProps<T>): JSX.Element {
  const { shown, rowKey, selection = [], onSelection, onOpen } = props;
  const scroller = React.useRef<HTMLDivElement>(null);
  const grid = React.useRef<HTMLTableElement>(null);
  const prefix = React.useId();
  const width_px = useWidth(scroller);
  const room_px = width_px - (onSelection ? BOX_PX : 0);
  const columns = React.useMemo(() => fitColumns(props.columns, room_px), [props.columns, room_px]);
  const keys = React.useMemo(() => shown.map(rowKey), [shown, rowKey]);
  const [activeKey, setActiveKey] = React.useState<string | null>(null);
  const [menu, setMenu] = React.useState<IMenuPlace | null>(null);
  const active = Math.max(0, activeKey === null ? 0 : keys.indexOf(activeKey));
  const selected = new Set(selection);
  const isVirtual = shown.length > VIRTUAL_FROM;
  const virtualizer = useVirtualizer({
    count: isVirtual ? shown.length : 0,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 12,
    scrollPaddingStart: ROW_PX
  });
  const items = virtualizer.getVirtualItems();
  const first = isVirtual ? (items[0]?.index ?? 0) : 0;
  const end = isVirtual ? (items[items.length - 1]?.index ?? -1) + 1 : shown.length;

  const moveTo = (index: number): void => {
    setActiveKey(keys[index] ?? null);
    if (isVirtual) {
      virtualizer.scrollToIndex(index);
    } else {
      scroller.current
        ?.querySelector(`[id="${CSS.escape(`${prefix}-${index}`)}"]`)
        ?.scrollIntoView({ block: 'nearest' });
    }
  };
  const pick = (key: string, part: 'row' | 'box', event: React.MouseEvent): void => {
    const index = keys.indexOf(key);
    const isBox = part === 'box' || event.ctrlKey || event.metaKey || event.shiftKey;
    if (onSelection && isBox) {
      onSelection(
        event.shiftKey ? add(selection, range(keys, active, index)) : toggle(selection, key)
      );
    } else {
      onOpen?.(props.openKey === key ? null : key);
    }
    setActiveKey(key);
  };
  const openMenu = (key: string, x: number, y: number): void => {
    setActiveKey(key);
    setMenu({ key, x, y });
  };
  const onKeyDown = (event: React.KeyboardEvent): void => {
    const meant = event.target === grid.current ? gridKey(event, active, keys.length) : null;
    const key = keys[active];
    if (!meant || key === undefined || (meant.kind === 'close' && props.openKey === null)) {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
    if (meant.kind === 'move') {
      moveTo(meant.to);
      if (event.shiftKey) {
        onSelection?.(add(selection, range(keys, active, meant.to)));
      }
    } else if (meant.kind === 'toggle') {
      setActiveKey(key);
      onSelection?.(toggle(selection, key));
    } else if (meant.kind === 'select-all') {
      onSelection?.(add(selection, keys));
    } else if (meant.kind === 'open') {
      setActiveKey(key);
      onOpen?.(key);
    } else if (meant.kind === 'close') {
      onOpen?.(null);
    } else {
      const box = document.getElementById(`${prefix}-${active}`)?.getBoundingClientRect();
      openMenu(key, (box?.left ?? 0) + BOX_PX, box?.bottom ?? 0);
    }
  };
  // Rows are drawn anew only when something about them changes, so these must stay the same.
  const latest = React.useRef({ pick, openMenu });
  latest.current = { pick, openMenu };
  const onPick = React.useCallback<typeof pick>((...args) => latest.current.pick(...args), []);
  const onMenu = React.useCallback((key: string, event: React.MouseEvent): void => {
    event.preventDefault();
    event.stopPropagation();
    latest.current.openMenu(key, event.clientX, event.clientY);
  }, []);

  const inSight = keys.filter(key => selected.has(key)).length;
  const span = columns.length + (onSelection ? 1 : 0);
  const menuRows = menu
    ? shown.filter(row =>
        selected.has(menu.key) ? selected.has(rowKey(row)) : rowKey(row) === menu.key
      )
    : [];
  const menuActions = menu ? (props.actionsFor?.(menuRows) ?? []) : [];
  return (
    <div className="growth-Scroller" ref={scroller}>
      <table
        ref={grid}
        role="grid"
        aria-label={props.label}
        aria-rowcount={shown.length + 1}
        aria-multiselectable={onSelection !== undefined}
        aria-activedescendant={activeKey !== null ? `${prefix}-${active}` : undefined}
        tabIndex={0}
        onKeyDown={onKeyDown}
        onFocus={event => {
          if (event.target === grid.current && activeKey === null && keys.length > 0) {
            setActiveKey(keys[0]);
          }
        }}
      >
        <colgroup>
          {onSelection && <col style={{ width: BOX_PX }} />}
          {columns.map(column => (
            <col key={column.id} style={{ width: widthOf(column, columns, room_px) }} />
          ))}
        </colgroup>
        <Head
          columns={columns}
          sort={props.sort}
          onSort={column => props.onSort(nextSort(props.sort, column))}
          all={
            onSelection && {
              isChecked: inSight > 0 && inSight === keys.length,
              isMixed: inSight > 0 && inSight < keys.length,
              label: `Select all ${keys.length} that match`,
              onToggle: () =>
                onSelection(
                  inSight === keys.length ? remove(selection, keys) : add(selection, keys)
                )
            }
          }
        />
        <tbody>
          <Spacer height_px={first * ROW_PX} span={span} />
          {shown.slice(first, end).map((row, offset) => {
            const index = first + offset;
            const key = keys[index];
            return (
              <Row
                key={key}
                id={`${prefix}-${index}`}
                row={row}
                rowKey={key}
                columns={columns}
                ariaIndex={index + 2}
                isSelectable={onSelection !== undefined}
                isSelected={selected.has(key)}
                isActive={activeKey === key}
                isOpen={props.openKey === key}
                onPick={onPick}
                onMenu={onMenu}
              />
            );
          })}
          <Spacer height_px={(shown.length - end) * ROW_PX} span={span} />
        </tbody>
      </table>
      {shown.length === 0 && (
        <p className="growth-Empty">{`No ${props.noun[0]} matches the filter.`}</p>
      )}
      {menu && menuActions.length > 0 && (
        <Menu
          label={`Actions for ${menuRows.length === 1 ? menu.key : `${menuRows.length} ${props.noun[1]}`}`}
          actions={menuActions}
          x={menu.x}
          y={menu.y}
          onClose={() => {
            setMenu(null);
            grid.current?.focus({ preventScroll: true });
          }}
        />
      )}
    </div>
  );
}

/** The width of a column in px: its own, and its share of what is left over. */
function widthOf<T>(
  column: IColumn<T>,
  columns: readonly IColumn<T>[],
  width_px: number
): number | undefined {
  if (!Number.isFinite(width_px)) {
    return undefined;
  }
  const shares = columns.reduce((sum, { grow = 1 }) => sum + grow, 0);
  const fixed_px = columns.reduce((sum, { width = DEFAULT_WIDTH_PX }) => sum + width, 0);
  const rest_px = Math.max(0, width_px - fixed_px);
  const { width: own_px = DEFAULT_WIDTH_PX, grow = 1 } = column;
  return own_px + (shares > 0 ? (rest_px * grow) / shares : 0);
}

/** Stands for the rows that are not drawn. */
function Spacer({ height_px, span }: { height_px: number; span: number }): JSX.Element | null {
  return height_px > 0 ? (
    <tr aria-hidden="true" className="growth-Spacer">
      <td colSpan={span} style={{ height: height_px }} />
    </tr>
  ) : null;
}
