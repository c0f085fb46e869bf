import { act, cleanup, fireEvent, render, screen } from '@testing-library/react';
import * as React from 'react';

import { Problem } from '../src/api/problem';
import type { IJobLog } from '../src/api/types';
import { JobLog } from '../src/ui/job-log';
import { KEPT_LINES, LogBuffer, PIECE_LINES, readable } from '../src/ui/log/log-buffer';
import { findHits, hitsToMark, stepTo } from '../src/ui/log/log-search';

Object.defineProperty(globalThis, 'IntersectionObserver', { value: undefined });

const settle = (wait_ms = 50) => act(() => new Promise<void>(done => setTimeout(done, wait_ms)));

describe('log buffer', () => {
  it('test_parts_when_cut_anywhere_then_the_lines_are_those_of_the_whole', () => {
    const whole =
      '\u001b[31mred\u001b[0m one\n10 %\r90 %\r\nwindows\r\n\u001b]0;title\u0007three\nlast';
    for (let at = 0; at <= whole.length; at += 1) {
      const buffer = new LogBuffer();
      buffer.append(whole.slice(0, at));
      const { pieces, lines } = buffer.append(whole.slice(at));
      expect(pieces.join('\n')).toBe('red one\n90 %\nwindows\nthree\nlast');
      expect(lines).toBe(5);
    }
  });

  it('test_line_when_it_holds_orders_to_a_terminal_then_they_are_gone_and_tabs_stay', () => {
    expect(readable('\u001b[1;38;5;208mwarm\u001b[K\u0007\u0000\tx')).toBe('warm\tx');
    expect(readable('\u001b(Bplain <img src=x>')).toContain('plain <img src=x>');
  });

  it('test_pieces_when_they_are_full_then_they_stay_the_same', () => {
    const buffer = new LogBuffer();
    const first = buffer.append('line\n'.repeat(PIECE_LINES * 2 + 1));
    const second = buffer.append('line\n');
    expect(first.pieces).toHaveLength(3);
    expect(second.pieces[1]).toBe(first.pieces[1]);
    expect(second.lines).toBe(PIECE_LINES * 2 + 2);
  });

  it('test_log_when_it_is_very_long_then_its_beginning_is_left_out_and_counted', () => {
    const buffer = new LogBuffer();
    const { lines, leftOut } = buffer.append('x\n'.repeat(KEPT_LINES + 3 * PIECE_LINES));
    expect(leftOut).toBe(3 * PIECE_LINES);
    expect(lines).toBe(KEPT_LINES);
  });
});

describe('log search', () => {
  it('test_query_when_it_looks_like_a_pattern_then_it_is_plain_text_in_any_case', () => {
    expect(findHits(['a (b) A (B)', 'x'], '(b)').map(({ start }) => start)).toEqual([2, 8]);
    expect(findHits(['anything'], '')).toEqual([]);
  });

  it('test_hits_when_they_are_very_many_then_those_near_the_current_one_are_marked', () => {
    const pieces = Array.from({ length: 50 }, () => 'x '.repeat(100));
    const hits = findHits(pieces, 'x');
    expect([...hitsToMark(hits, 2000).keys()]).toEqual([17, 18, 19, 20, 21, 22, 23]);
    expect(hitsToMark(hits.slice(0, 500), 0).size).toBe(5);
  });

  it('test_steps_when_at_an_end_then_they_go_on_at_the_other', () => {
    expect([stepTo(2, 3, 1), stepTo(0, 3, -1), stepTo(0, 0, 1)]).toEqual([0, 2, 0]);
  });
});

describe('job log', () => {
  afterEach(cleanup);

  it('test_log_when_it_comes_in_parts_then_large_ones_are_followed_at_once_and_all_is_found', async () => {
    const large = 'a line of the log\n'.repeat(10_000);
    const parts: IJobLog[] = [
      { text: large, next_offset: 1, is_complete: false },
      { text: 'Error: the end\n', next_offset: 2, is_complete: true }
    ];
    const load = jest.fn(async (offset: number) => parts[offset]);
    render(<JobLog load={load} label="Log of r1" />);
    await settle(300);
    expect(load.mock.calls).toEqual([[0], [1]]);
    expect(screen.getByRole('log').querySelectorAll('.growth-LogView-piece')).toHaveLength(101);
    const box = screen.getByRole('searchbox', { name: 'Find in Log of r1' });
    fireEvent.change(box, { target: { value: 'error' } });
    expect(screen.getByText('1 of 1')).not.toBeNull();
    expect(screen.getByRole('log').querySelector('mark')?.textContent).toBe('Error');
    fireEvent.change(box, { target: { value: 'nowhere' } });
    expect(screen.getByText('not found')).not.toBeNull();
  });

  it('test_log_when_it_is_gone_then_that_is_said_and_nothing_is_asked_again', async () => {
    const load = jest.fn(async (): Promise<IJobLog> => {
      throw new Problem({ status: 404, title: 'Not found', detail: 'No job.', hint: '' });
    });
    render(<JobLog load={load} />);
    await settle();
    expect(screen.getByRole('status')).not.toBeNull();
    expect(load).toHaveBeenCalledTimes(1);
  });

  it('test_log_when_paused_then_it_goes_on_and_says_how_many_lines_came', async () => {
    jest.useFakeTimers();
    let count = 1;
    const load = async (offset: number): Promise<IJobLog> => ({
      text: `line ${(count += 1)}\n`,
      next_offset: offset + 1,
      is_complete: false
    });
    render(<JobLog load={load} />);
    await act(() => jest.advanceTimersByTimeAsync(10));
    fireEvent.click(screen.getByRole('button', { name: 'Pause' }));
    await act(() => jest.advanceTimersByTimeAsync(4100));
    expect(screen.getByText('2 new lines below')).not.toBeNull();
    fireEvent.click(screen.getByRole('button', { name: 'Follow' }));
    expect(screen.queryByText(/new lines below/)).toBeNull();
    jest.useRealTimers();
  });
});
