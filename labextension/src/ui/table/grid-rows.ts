/** Which rows and columns a grid draws: those that can be seen. */

import { useVirtualizer } from '@tanstack/react-virtual';
import * as React from 'react';

import { DEFAULT_WIDTH_PX, fitColumns, type IColumn } from './columns';
import { useWidth } from './use-width';

/** More rows than this are virtualised. */
export const VIRTUAL_FROM = 200;
export const ROW_PX = 28;
export const BOX_PX = 32;

export interface IGridRows<T> {
  columns: readonly IColumn<T>[];
  /** Width of each of the columns in px; undefined until the grid's own is known. */
  widths: readonly (number | undefined)[];
  /** The rows from `first` to `end` (not included) are drawn. */
  first: number;
  end: number;
  scrollTo(index: number): void;
}

export function useGridRows<T>(
  scroller: React.RefObject<HTMLDivElement>,
  all: readonly IColumn<T>[],
  count: number,
  hasBoxes: boolean
): IGridRows<T> {
  const room_px = useWidth(scroller) - (hasBoxes ? BOX_PX : 0);
  const columns = React.useMemo(() => fitColumns(all, room_px), [all, room_px]);
  const isVirtual = count > VIRTUAL_FROM;
  const virtualizer = useVirtualizer({
    count: isVirtual ? count : 0,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 12,
    scrollPaddingStart: ROW_PX
  });
  const items = virtualizer.getVirtualItems();
  return {
    columns,
    widths: columns.map(column => widthOf(column, columns, room_px)),
    first: isVirtual ? (items[0]?.index ?? 0) : 0,
    end: isVirtual ? (items[items.length - 1]?.index ?? -1) + 1 : count,
    scrollTo: index => {
      if (isVirtual) {
        virtualizer.scrollToIndex(index);
      } else {
        const row = scroller.current?.querySelector(`[aria-rowindex="${index + 2}"]`);
        row?.scrollIntoView?.({ block: 'nearest' });
      }
    }
  };
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
