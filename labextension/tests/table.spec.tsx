import { act, cleanup, fireEvent, render, screen, within } from '@testing-library/react';
import * as React from 'react';

import {
  chipRows,
  filterRows,
  fitColumns,
  type IChip,
  type IColumn,
  nextSort,
  sortRows,
  toCsv
} from '../src/ui/table/columns';
import { Table } from '../src/ui/table/table';

interface IRow {
  user: string;
  state: string;
  count: number | null;
}

const ROWS: readonly IRow[] = [
  { user: 'student10', state: 'ready', count: 3 },
  { user: 'student9', state: 'stopped', count: null },
  { user: 'Ada', state: 'ready', count: 20 },
  { user: '<b>jane</b>', state: 'failed', count: 1 }
];

const COLUMNS: readonly IColumn<IRow>[] = [
  { id: 'user', label: 'User', kind: 'name', value: row => row.user, width: 100 },
  { id: 'state', label: 'State', value: row => row.state, width: 100, priority: 1 },
  { id: 'count', label: 'Count', kind: 'number', value: row => row.count, width: 100, priority: 2 }
];

const CHIPS: readonly IChip<IRow>[] = [
  { id: 'ready', label: 'ready', tone: 'ok', test: row => row.state === 'ready' },
  { id: 'failed', label: 'failed', tone: 'error', test: row => row.state === 'failed' }
];

const users = (rows: readonly IRow[]): string[] => rows.map(row => row.user);

describe('rows', () => {
  it('test_sort_when_text_has_numbers_then_they_count_as_numbers', () => {
    const sorted = sortRows(ROWS, COLUMNS, { column: 'user', isDescending: false });
    expect(users(sorted)).toEqual(['<b>jane</b>', 'Ada', 'student9', 'student10']);
  });

  it.each([
    [false, [1, 3, 20, null]],
    [true, [20, 3, 1, null]]
  ])(
    'test_sort_when_descending_is_%s_then_rows_without_value_come_last',
    (isDescending, counts) => {
      const sorted = sortRows(ROWS, COLUMNS, { column: 'count', isDescending });
      expect(sorted.map(row => row.count)).toEqual(counts);
    }
  );

  it('test_next_sort_when_clicked_three_times_then_the_order_is_as_it_came', () => {
    const once = nextSort(null, 'user');
    const twice = nextSort(once, 'user');
    expect([once, twice, nextSort(twice, 'user')]).toEqual([
      { column: 'user', isDescending: false },
      { column: 'user', isDescending: true },
      null
    ]);
  });

  it('test_filter_when_two_words_then_both_must_stand_in_the_row', () => {
    expect(users(filterRows(ROWS, COLUMNS, 'STUDENT ready'))).toEqual(['student10']);
    expect(users(chipRows(ROWS, CHIPS, ['ready', 'failed']))).toHaveLength(3);
  });

  it('test_csv_when_cells_hold_commas_quotes_or_formulas_then_they_are_harmless', () => {
    const row = { user: '=1+1', state: 'a,"b"', count: -3 };
    expect(toCsv([row], COLUMNS)).toBe('User,State,Count\r\n\'=1+1,"a,""b""",-3\r\n');
  });

  it('test_fit_when_narrow_then_the_highest_priority_number_goes_and_zero_stays', () => {
    const ids = (width: number): string[] => fitColumns(COLUMNS, width).map(({ id }) => id);
    expect(ids(300)).toEqual(['user', 'state', 'count']);
    expect(ids(250)).toEqual(['user', 'state']);
    expect(ids(10)).toEqual(['user']);
  });
});

function Harness({ filter = '', rows = ROWS }: { filter?: string; rows?: readonly IRow[] }) {
  const [selection, setSelection] = React.useState<readonly string[]>([]);
  return (
    <>
      <output>{selection.join(' ')}</output>
      <Table<IRow>
        label="Users"
        noun={['user', 'users']}
        rows={rows}
        columns={COLUMNS}
        chips={CHIPS}
        rowKey={keyOf}
        filter={filter}
        selection={selection}
        onSelection={setSelection}
        actionsFor={some => [
          { id: 'x', label: `Stop ${some.length}`, isEnabled: true, execute: () => undefined }
        ]}
        details={row => <p>details of {row.user}</p>}
      />
    </>
  );
}

const keyOf = (row: IRow): string => row.user;
const shownUsers = (): (string | null)[] =>
  screen
    .getAllByRole('row')
    .slice(1)
    .map(row => within(row).getAllByRole('gridcell')[1].textContent);
const selected = (): string => document.querySelector('output')?.textContent ?? '';

describe('Table', () => {
  afterEach(cleanup);

  it('test_table_when_a_name_holds_markup_then_it_is_shown_as_text', () => {
    render(<Harness />);
    expect(shownUsers()).toContain('<b>jane</b>');
    expect(document.querySelector('td b')).toBeNull();
  });

  it('test_header_when_clicked_then_rows_are_sorted_and_aria_says_so', () => {
    render(<Harness />);
    fireEvent.click(screen.getByRole('button', { name: 'User' }));
    expect(shownUsers()[0]).toBe('<b>jane</b>');
    expect(screen.getByRole('columnheader', { name: 'User' }).getAttribute('aria-sort')).toBe(
      'ascending'
    );
  });

  it('test_select_all_when_filtered_then_only_matching_rows_are_selected', () => {
    const { rerender } = render(<Harness filter="student" />);
    fireEvent.click(screen.getByRole('button', { name: 'Select all 2 that match' }));
    expect(selected()).toBe('student10 student9');
    rerender(<Harness filter="ada" />);
    expect(screen.getByText(/2 users selected, 2 of them not shown/)).toBeTruthy();
    fireEvent.click(screen.getByRole('button', { name: 'Keep only those shown' }));
    expect(selected()).toBe('');
  });

  it('test_chip_when_pressed_then_rows_of_that_state_stay_and_counts_do_not_change', () => {
    render(<Harness />);
    fireEvent.click(screen.getByRole('button', { name: /1 failed/ }));
    expect(shownUsers()).toEqual(['<b>jane</b>']);
    expect(screen.getByRole('button', { name: /2 ready/ })).toBeTruthy();
    expect(screen.getByText('1 of 4 users')).toBeTruthy();
  });

  it('test_keys_when_pressed_in_the_grid_then_cursor_selection_and_details_follow', () => {
    render(<Harness />);
    const grid = screen.getByRole('grid');
    act(() => grid.focus());
    fireEvent.keyDown(grid, { key: 'ArrowDown' });
    fireEvent.keyDown(grid, { key: ' ' });
    expect(selected()).toBe('student9');
    fireEvent.keyDown(grid, { key: 'a', ctrlKey: true });
    expect(selected().split(' ')).toHaveLength(4);
    fireEvent.keyDown(grid, { key: 'Enter' });
    expect(screen.getByText('details of student9')).toBeTruthy();
    fireEvent.keyDown(grid, { key: 'Escape' });
    expect(screen.queryByText('details of student9')).toBeNull();
  });

  it('test_context_menu_when_opened_outside_the_selection_then_it_is_for_that_row_alone', () => {
    render(<Harness />);
    const boxes = screen.getAllByRole('checkbox');
    fireEvent.click(boxes[1]);
    fireEvent.click(boxes[2]);
    fireEvent.contextMenu(screen.getAllByRole('row')[3]);
    expect(screen.getByRole('menuitem').textContent).toBe('Stop 1');
    fireEvent.keyDown(screen.getByRole('menu'), { key: 'Escape' });
    fireEvent.contextMenu(screen.getAllByRole('row')[1]);
    expect(screen.getByRole('menuitem').textContent).toBe('Stop 2');
  });

  it('test_table_when_there_are_1000_rows_then_few_are_drawn_and_all_can_be_selected', () => {
    const many = Array.from({ length: 1000 }, (_, i) => ({
      user: `u${i}`,
      state: 'ready',
      count: i
    }));
    render(<Harness rows={many} />);
    expect(screen.getByRole('grid').getAttribute('aria-rowcount')).toBe('1001');
    expect(document.querySelectorAll('.growth-Row').length).toBeLessThan(100);
    fireEvent.click(screen.getByRole('button', { name: /Select all 1,000 that match/ }));
    expect(selected().split(' ')).toHaveLength(1000);
  });
});
