/** Which rows and columns a grid draws: those that can be seen. */

import { useVirtualizer } from '@tanstack/react-virtual';
import * as React from 'react';

import { DEFAULT_WIDTH_PX, fitColumns, type IColumn } from './columns';
import { useWidth } from './use-width';

/** More rows than this are virtualised. */
export const VIRTUAL_FROM = 200;
export const ROW_PX = 28;
export const BOX_PX = 32;
/** Rows that are drawn above and below those in sight; at each frame of a fast scroll all are. */
const OVERSCAN = 5;

export interface IGridRows<T> {
  columns: readonly IColumn<T>[];
  /** The tracks of a row, as `grid-template-columns` wants them. */
  tracks: string;
  /** Height of all rows together in px, if only those are drawn that can be seen. */
  height_px: number | undefined;
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
    overscan: OVERSCAN,
    scrollPaddingStart: ROW_PX
  });
  const items = virtualizer.getVirtualItems();
  return {
    columns,
    tracks: React.useMemo(() => tracksOf(columns, room_px, hasBoxes), [columns, room_px, hasBoxes]),
    height_px: isVirtual ? count * ROW_PX : undefined,
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

/** Return a track for each column: its own width, and its share of what is left over. */
function tracksOf<T>(columns: readonly IColumn<T>[], room_px: number, hasBoxes: boolean): string {
  const shares = columns.reduce((sum, { grow = 1 }) => sum + grow, 0);
  const fixed_px = columns.reduce((sum, { width = DEFAULT_WIDTH_PX }) => sum + width, 0);
  const rest_px = Number.isFinite(room_px) ? Math.max(0, room_px - fixed_px) : 0;
  const tracks = columns.map(({ width = DEFAULT_WIDTH_PX, grow = 1 }) => {
    const width_px = width + (shares > 0 ? (rest_px * grow) / shares : 0);
    return Number.isFinite(room_px) ? `${width_px}px` : `minmax(${width}px, ${grow}fr)`;
  });
  return [...(hasBoxes ? [`${BOX_PX}px`] : []), ...tracks].join(' ');
}
