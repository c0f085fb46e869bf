/** The table that all panels share: filter, chips, selection, details beside it, CSV. */

import * as React from 'react';

import type { IAction } from '../../panel/actions';
import { Button } from '../button';
import { useCopy } from '../copy';
import { formatCount, plural } from '../time';
import { Chips } from './chips';
import {
  chipRows,
  filterRows,
  type IChip,
  type IColumn,
  type ISort,
  sortRows,
  toCsv
} from './columns';
import { Grid } from './grid';
import { add } from './selection';

export interface ITableProps<T> {
  /** For screen readers: "Servers". */
  label: string;
  /** One row and many: ['server', 'servers']. */
  noun: readonly [string, string];
  rows: readonly T[];
  columns: readonly IColumn<T>[];
  rowKey(row: T): string;
  chips?: readonly IChip<T>[];
  /** Text of the toolbar's filter box. */
  filter?: string;
  /** Without `onSelection` rows cannot be selected. */
  selection?: readonly string[];
  onSelection?(keys: readonly string[]): void;
  /** The same actions as in the toolbar, for these rows: the context menu. */
  actionsFor?(rows: readonly T[]): readonly IAction[];
  /** What stands beside the table when a row is opened. */
  details?(row: T): React.ReactNode;
  /** What one calls a row: the title of its details; without it the row's key. */
  detailsTitle?(row: T): string;
  /** Key of the row whose details are shown, where the caller decides it, and what changes it. */
  openKey?: string | null;
  onOpenKey?(key: string | null): void;
  initialSort?: ISort;
  /** In place of rows, when there are none at all. */
  empty?: React.ReactNode;
  /** Receives the CSV of the rows that are shown, so that a command can copy it. */
  csvRef?: React.MutableRefObject<() => string>;
}

/** Rows that match the filter box, those that also match the chips, in the order shown. */
function useShown<T>(
  props: ITableProps<T>,
  pressed: readonly string[],
  sort: ISort | null
): { matching: readonly T[]; shown: readonly T[] } {
  const { rows, columns, chips = [], filter = '' } = props;
  const matching = React.useMemo(() => filterRows(rows, columns, filter), [rows, columns, filter]);
  const shown = React.useMemo(
    () => sortRows(chipRows(matching, chips, pressed), columns, sort),
    [matching, chips, pressed, columns, sort]
  );
  return { matching, shown };
}

export function Table<T>(props: ITableProps<T>): JSX.Element {
  const { rows, columns, rowKey, chips = [], details, onSelection, selection = [] } = props;
  const [pressed, setPressed] = React.useState<readonly string[]>([]);
  const [sort, setSort] = React.useState<ISort | null>(props.initialSort ?? null);
  const [ownKey, setOwnKey] = React.useState<string | null>(null);
  const openKey = props.openKey === undefined ? ownKey : props.openKey;
  const setOpenKey = props.onOpenKey ?? setOwnKey;
  const { matching, shown } = useShown(props, pressed, sort);
  const csv = (): string => toCsv(shown, columns);
  if (props.csvRef) {
    props.csvRef.current = csv;
  }
  const openRow = openKey === null ? undefined : rows.find(row => rowKey(row) === openKey);
  const title = openRow === undefined ? '' : (props.detailsTitle ?? rowKey)(openRow);
  if (rows.length === 0 && props.empty) {
    return <>{props.empty}</>;
  }
  return (
    <div className="growth-Table">
      {chips.length > 0 && (
        <Chips chips={chips} rows={matching} pressed={pressed} onChange={setPressed} />
      )}
      <div className="growth-Table-bar">
        {onSelection && (
          <SelectionBar
            selection={selection}
            matching={shown.map(rowKey)}
            noun={props.noun}
            onChange={onSelection}
          />
        )}
        <span className="growth-Table-count" role="status">
          {shown.length === rows.length
            ? plural(rows.length, ...props.noun)
            : `${formatCount(shown.length)} of ${plural(rows.length, ...props.noun)}`}
        </span>
        <CopyCsv csv={csv} />
      </div>
      <div className="growth-Table-body" data-has-details={openRow !== undefined}>
        <Grid
          {...props}
          shown={shown}
          sort={sort}
          onSort={setSort}
          openKey={openRow ? openKey : null}
          onOpen={details ? setOpenKey : undefined}
        />
        {openRow !== undefined && details && (
          <aside className="growth-Details" aria-label={`Details of ${title}`}>
            <div className="growth-Details-bar">
              <strong title={title}>{title}</strong>
              <Button
                label="Close details"
                icon="close"
                isIconOnly
                look="link"
                onClick={() => setOpenKey(null)}
              />
            </div>
            <div className="growth-Details-body">{details(openRow)}</div>
          </aside>
        )}
      </div>
    </div>
  );
}

function CopyCsv({ csv }: { csv(): string }): JSX.Element {
  const [copied, copy] = useCopy();
  return (
    <Button
      label={copied ? 'Copied' : 'Copy as CSV'}
      look="link"
      icon="copy"
      title="Copies the rows shown, with all columns"
      onClick={() => copy(csv())}
    />
  );
}

interface ISelectionBarProps {
  selection: readonly string[];
  matching: readonly string[];
  noun: readonly [string, string];
  onChange(keys: readonly string[]): void;
}

/** "3 servers selected, 1 not shown · Select all 143 that match · Clear". */
function SelectionBar({ selection, matching, noun, onChange }: ISelectionBarProps): JSX.Element {
  const selected = new Set(selection);
  const inSight = matching.filter(key => selected.has(key)).length;
  const hidden = selection.length - inSight;
  return (
    <div className="growth-Selection" data-empty={selection.length === 0}>
      <span role="status">
        {selection.length === 0
          ? `No ${noun[0]} selected`
          : `${plural(selection.length, ...noun)} selected`}
        {hidden > 0 && `, ${formatCount(hidden)} of them not shown`}
      </span>
      {inSight < matching.length && (
        <Button
          label={`Select all ${formatCount(matching.length)} that match`}
          look="link"
          onClick={() => onChange(add(selection, matching))}
        />
      )}
      {hidden > 0 && (
        <Button
          label="Keep only those shown"
          look="link"
          onClick={() => {
            const shown = new Set(matching);
            onChange(selection.filter(key => shown.has(key)));
          }}
        />
      )}
      {selection.length > 0 && <Button label="Clear" look="link" onClick={() => onChange([])} />}
    </div>
  );
}
