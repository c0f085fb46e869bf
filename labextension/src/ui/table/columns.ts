/** What a table shows, and in which order: pure functions over rows. */

import type * as React from 'react';

import type { Tone } from '../state-badge';

export type CellValue = string | number | null | undefined;

export interface IColumn<T> {
  id: string;
  label: string;
  /** What the row is sorted, filtered and copied by: a number, ISO time or text. */
  value(row: T): CellValue;
  /** What is drawn; without it the value, by its kind. */
  render?(row: T): React.ReactNode;
  /** `number` is aligned right; `time` is drawn as "2 min ago"; `name` is cut in the middle. */
  kind?: 'text' | 'name' | 'number' | 'time';
  /** Least width in px (default 90). Columns share what is left over by `grow` (default 1). */
  width?: number;
  grow?: number;
  /** 0 (default) is never dropped in a narrow panel; the highest goes first. */
  priority?: number;
}

/** A button above the table that keeps the rows of one state. */
export interface IChip<T> {
  id: string;
  label: string;
  tone?: Tone;
  /** Chips of one group widen each other, those of several narrow each other; default: one group. */
  group?: string;
  test(row: T): boolean;
}

export interface ISort {
  column: string;
  isDescending: boolean;
}

const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' });

/** Return the rows in which each word of `text` stands somewhere, in any case. */
export function filterRows<T>(
  rows: readonly T[],
  columns: readonly IColumn<T>[],
  text: string
): readonly T[] {
  const words = text.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) {
    return rows;
  }
  return rows.filter(row => {
    const said = columns.map(column => String(column.value(row) ?? '')).join('\n');
    const lower = said.toLocaleLowerCase();
    return words.every(word => lower.includes(word));
  });
}

/** Return the rows that in each group one of the pressed chips keeps; a group without any keeps all. */
export function chipRows<T>(
  rows: readonly T[],
  chips: readonly IChip<T>[],
  pressed: readonly string[]
): readonly T[] {
  const kept = groupChips(chips.filter(chip => pressed.includes(chip.id)));
  return kept.length === 0
    ? rows
    : rows.filter(row => kept.every(group => group.some(chip => chip.test(row))));
}

/** Return the chips by group, in the order in which the groups come. */
export function groupChips<T>(chips: readonly IChip<T>[]): IChip<T>[][] {
  const groups = new Map<string, IChip<T>[]>();
  for (const chip of chips) {
    const name = chip.group ?? '';
    groups.set(name, [...(groups.get(name) ?? []), chip]);
  }
  return [...groups.values()];
}

/** Return the rows by one column; rows without a value come last in both directions. */
export function sortRows<T>(
  rows: readonly T[],
  columns: readonly IColumn<T>[],
  sort: ISort | null
): readonly T[] {
  const column = columns.find(({ id }) => id === sort?.column);
  if (!sort || !column) {
    return rows;
  }
  const sign = sort.isDescending ? -1 : 1;
  return rows
    .map(row => ({ row, value: column.value(row) }))
    .sort((a, b) => compare(a.value, b.value, sign))
    .map(({ row }) => row);
}

function compare(a: CellValue, b: CellValue, sign: number): number {
  const isMissing = (value: CellValue): boolean =>
    value === null || value === undefined || value === '';
  if (isMissing(a) || isMissing(b)) {
    return Number(isMissing(a)) - Number(isMissing(b));
  }
  if (typeof a === 'number' && typeof b === 'number') {
    return sign * (a - b);
  }
  return sign * collator.compare(String(a), String(b));
}

/** Return the next order after a click on a column: ascending, descending, as it came. */
export function nextSort(sort: ISort | null, column: string): ISort | null {
  if (sort?.column !== column) {
    return { column, isDescending: false };
  }
  return sort.isDescending ? null : { column, isDescending: true };
}

/**
 * Return the rows as CSV (RFC 4180), all columns, with their labels on top. A text that a
 * spreadsheet would run as a formula gets an apostrophe in front.
 */
export function toCsv<T>(rows: readonly T[], columns: readonly IColumn<T>[]): string {
  const lines = [
    columns.map(column => column.label),
    ...rows.map(row => columns.map(column => column.value(row)))
  ];
  return lines.map(line => line.map(csvCell).join(',') + '\r\n').join('');
}

function csvCell(value: CellValue): string {
  if (typeof value === 'number') {
    return String(value);
  }
  const text = String(value ?? '');
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** Return the columns that fit into `width_px`, dropping those of highest priority number first. */
export function fitColumns<T>(
  columns: readonly IColumn<T>[],
  width_px: number
): readonly IColumn<T>[] {
  let kept = columns;
  for (;;) {
    const need_px = kept.reduce((sum, column) => sum + (column.width ?? DEFAULT_WIDTH_PX), 0);
    const worst = Math.max(...kept.map(column => column.priority ?? 0));
    if (need_px <= width_px || worst === 0) {
      return kept;
    }
    const last = kept.filter(column => (column.priority ?? 0) === worst).pop();
    kept = kept.filter(column => column !== last);
  }
}

export const DEFAULT_WIDTH_PX = 90;
