import { act, renderHook } from '@testing-library/react';

import { useAnswer } from '../src/ui/use-answer';

/** Questions that are answered by hand, each with what it was about. */
function show(of: string) {
  const asked: { of: string; answer(text: string): void; refuse(): void }[] = [];
  const view = renderHook(
    (about: { of: string; state: string }) =>
      useAnswer(
        () =>
          new Promise<string>((answer, refuse) =>
            asked.push({ of: about.of, answer, refuse: () => refuse(new Error('gone')) })
          ),
        about.of,
        [about.state]
      ),
    { initialProps: { of, state: 'open' } }
  );
  return { asked, ...view };
}

describe('asking once', () => {
  it('test_answer_when_another_thing_is_asked_about_then_the_late_one_is_forgotten', async () => {
    const { asked, result, rerender } = show('#1');
    await act(async () => asked[0].answer('one'));
    expect(result.current.answer).toBe('one');
    rerender({ of: '#2', state: 'open' });
    expect(result.current.answer).toBeNull();
    rerender({ of: '#3', state: 'open' });
    await act(async () => asked[2].answer('three'));
    await act(async () => asked[1].answer('two'));
    expect(asked.map(one => one.of)).toEqual(['#1', '#2', '#3']);
    expect(result.current.answer).toBe('three');
  });

  it('test_answer_when_asked_again_then_it_stays_in_view_until_the_next_or_a_refusal', async () => {
    const { asked, result, rerender } = show('#1');
    await act(async () => asked[0].answer('as it was'));
    rerender({ of: '#1', state: 'merged' });
    expect(result.current.answer).toBe('as it was');
    await act(async () => asked[1].refuse());
    expect(result.current).toMatchObject({ answer: 'as it was', problem: { detail: 'gone' } });
    act(() => result.current.ask());
    expect(result.current.problem).toBeNull();
    await act(async () => asked[2].answer('as it is'));
    expect(result.current.answer).toBe('as it is');
  });
});
