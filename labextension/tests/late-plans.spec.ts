/** Each area's way to a plan: the reply to a question that nobody asks any more changes nothing. */

import { act, renderHook } from '@testing-library/react';

import type { IMe } from '../src/api/types';
import { usePlanning } from '../src/datasets/planning';
import type { IChange } from '../src/datasets/types';
import { ActionRegistry } from '../src/panel/actions';
import type { IHost } from '../src/panel/host';
import { LocalTraits } from '../src/panel/traits';
import { useRestart } from '../src/startup/starts/use-restart';
import { fakeApi, type IAsked } from './fake-api';

/** A server that answers each question when the test says so. */
class SlowServer {
  readonly asked: IAsked[] = [];
  private readonly _answers: ((answer: unknown) => void)[] = [];
  readonly traits = new LocalTraits();
  readonly host = {
    api: fakeApi(asked => {
      this.asked.push(asked);
      return new Promise(answer => this._answers.push(answer));
    }),
    me: { areas: ['servers', 'datasets'] } as unknown as IMe,
    traits: this.traits,
    actions: new ActionRegistry()
  } as unknown as IHost;

  answer(index: number, answer: object): Promise<void> {
    return act(async () => this._answers[index](answer));
  }
}

const NOW = '2026-11-23T07:00:00Z';
const planOf = (user: string): object => ({
  id: `p-${user}`,
  servers: [{ user, server_name: '', state: 'ready', started: NOW }]
});

describe('plans that come late', () => {
  it('test_restart_of_starts_when_another_is_asked_then_the_first_plan_is_forgotten', async () => {
    const server = new SlowServer();
    const { result } = renderHook(() => useRestart(server.host));
    await act(async () => result.current.actionFor(['jane']).execute());
    await act(async () => result.current.actionFor(['tom']).execute());
    await server.answer(1, planOf('tom'));
    await server.answer(0, planOf('jane'));
    expect([result.current.plan?.id, result.current.label]).toEqual(['p-tom', 'Restart tom']);
  });

  it('test_restart_of_starts_when_applied_then_servers_are_told_as_the_plan_saw_them', async () => {
    const server = new SlowServer();
    const { result } = renderHook(() => useRestart(server.host));
    await act(async () => result.current.actionFor(['jane']).execute());
    await server.answer(0, planOf('jane'));
    await act(async () => void result.current.apply());
    expect(server.asked[1].body).toEqual({
      plan_id: 'p-jane',
      action: 'restart',
      servers: [{ user: 'jane', server_name: '', state: 'ready', started: NOW }]
    });
  });

  it('test_change_of_datasets_when_it_was_left_then_its_plan_is_forgotten', async () => {
    const server = new SlowServer();
    const { result } = renderHook(() => usePlanning(server.host));
    const change = { action: 'delete', name: 'moons', version: '' } as unknown as IChange;
    await act(async () => result.current.start(change));
    act(() => result.current.close());
    expect(result.current.isAsking).toBe(false);
    await server.answer(0, planOf('jane'));
    expect(result.current.planned).toBeNull();
    expect(server.traits.get('plan_id')).toBe('');
  });
});
