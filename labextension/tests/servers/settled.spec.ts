import { act, renderHook } from '@testing-library/react';

import { useSettled } from '../../src/servers/use-settled';

const pass = (ms: number): Promise<void> => act(() => jest.advanceTimersByTimeAsync(ms));

describe('what is typed', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  /** A field whose plan is for `planned`; returns what was sent, and types into it. */
  function field(): { sent: number[]; type(typed: number | null, planned: number): void } {
    const sent: number[] = [];
    const { rerender } = renderHook(
      ({ typed, planned }: { typed: number | null; planned: number }) =>
        useSettled(
          typed,
          typed === planned,
          typed,
          wanted => sent.push(wanted),
          () => undefined
        ),
      { initialProps: { typed: 1, planned: 1 } as { typed: number | null; planned: number } }
    );
    return { sent, type: (typed, planned) => rerender({ typed, planned }) };
  }

  it('test_sending_when_keys_follow_each_other_then_the_last_one_is_sent_alone', async () => {
    const { sent, type } = field();
    type(2, 1);
    await pass(300);
    type(null, 1);
    type(23, 1);
    await pass(1000);
    type(23, 23);
    await pass(1000);
    expect(sent).toEqual([23]);
  });

  it('test_sending_when_taken_back_before_its_plan_is_there_then_that_is_sent_too', async () => {
    const { sent, type } = field();
    type(2, 1);
    await pass(1000);
    type(1, 1); // the plan for 2 is on its way: without a word it would stand under a 1
    await pass(1000);
    expect(sent).toEqual([2, 1]);
  });
});
