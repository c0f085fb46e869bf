import { act, renderHook } from '@testing-library/react';

import { LocalTraits } from '../src/panel/traits';
import { type IAskedPlan, usePlan } from '../src/panel/use-plan';

interface IMade {
  plan: { id: string };
}

/** One question to the server: answered by hand, with what it was told of being given up. */
class Question {
  signal: AbortSignal | null = null;
  readonly make = (signal: AbortSignal): Promise<IMade> => {
    this.signal = signal;
    return new Promise((answer, refuse) => {
      this.answer = id => act(async () => answer({ plan: { id } }));
      this.refuse = () => act(async () => refuse(new Error('gone')));
    });
  };
  answer: (id: string) => Promise<void> = async () => undefined;
  refuse: () => Promise<void> = async () => undefined;
}

function show() {
  const traits = new LocalTraits();
  const { result, unmount } = renderHook(() => usePlan<IMade>({ traits }));
  const ask = (question: Question): void =>
    act(() => result.current.ask(question.make, 'Stopping'));
  return { traits, unmount, ask, asked: (): IAskedPlan<IMade> => result.current };
}

describe('asking for a plan', () => {
  it('test_plan_when_another_is_asked_then_the_first_reply_is_forgotten', async () => {
    const { traits, ask, asked } = show();
    const [first, second] = [new Question(), new Question()];
    ask(first);
    ask(second);
    expect(first.signal?.aborted).toBe(true);
    await first.answer('old');
    expect(asked()).toMatchObject({ planned: null, isAsking: true, doing: 'Stopping' });
    await second.answer('new');
    expect(asked()).toMatchObject({ planned: { plan: { id: 'new' } }, isAsking: false });
    expect(traits.get('plan_id')).toBe('new');
  });

  it('test_plan_when_it_was_left_or_refused_then_nothing_is_busy', async () => {
    const { ask, asked } = show();
    const [left, refused] = [new Question(), new Question()];
    ask(left);
    act(() => asked().close());
    expect(asked().isAsking).toBe(false);
    await left.refuse();
    expect(asked().problem).toBeNull();
    ask(refused);
    await refused.refuse();
    expect(asked()).toMatchObject({ isAsking: false, problem: { detail: 'gone' } });
  });

  it('test_reply_when_the_panel_is_gone_then_it_changes_nothing', async () => {
    const { traits, unmount, ask } = show();
    const question = new Question();
    ask(question);
    unmount();
    expect(question.signal?.aborted).toBe(true);
    await question.answer('late');
    expect(traits.get('plan_id')).toBe('');
  });
});
