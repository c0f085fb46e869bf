import { Problem } from '../src/api/problem';
import { Polled } from '../src/ui/polled';

describe('Polled', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  const pass = (ms: number): Promise<void> => jest.advanceTimersByTimeAsync(ms);

  it('test_start_when_nothing_was_asked_then_asks_at_once_and_again_after_the_interval', async () => {
    let asked = 0;
    const model = new Polled({ load: async () => ++asked, interval_ms: 1000 });
    model.start();
    await pass(0);
    expect(model.data).toBe(1);
    await pass(999);
    expect(asked).toBe(1);
    await pass(1);
    expect(asked).toBe(2);
    model.dispose();
  });

  it('test_poll_when_the_server_fails_then_waits_twice_as_long_up_to_the_longest', async () => {
    const model = new Polled<number>({
      load: () => Promise.reject(new Problem({ status: 503, title: 'Hub', detail: '', hint: '' })),
      interval_ms: 1000,
      longest_ms: 5000
    });
    model.start();
    const waits: number[] = [];
    for (let i = 0; i < 5; i++) {
      await pass(i === 0 ? 0 : model.wait_ms);
      waits.push(model.wait_ms);
    }
    expect(waits).toEqual([2000, 4000, 5000, 5000, 5000]);
    expect(model.problem?.status).toBe(503);
    model.dispose();
  });

  it('test_poll_when_a_failure_follows_an_answer_then_the_answer_stays', async () => {
    let isDown = false;
    const model = new Polled({
      load: async () => {
        if (isDown) {
          throw new Error('down');
        }
        return ['jane'];
      },
      interval_ms: 1000
    });
    await model.refresh();
    isDown = true;
    await model.refresh();
    expect(model.data).toEqual(['jane']);
    expect(model.problem?.detail).toBe('down');
    isDown = false;
    await model.refresh();
    expect(model.problem).toBeNull();
    expect(model.wait_ms).toBeLessThanOrEqual(1300);
    model.dispose();
  });

  it('test_poll_when_answers_are_equal_then_the_object_stays_and_the_wait_grows', async () => {
    const model = new Polled({ load: async () => ({ servers: [1, 2] }), interval_ms: 1000 });
    model.start();
    await pass(0);
    const first = model.data;
    await pass(30_000);
    expect(model.data).toBe(first);
    expect(model.wait_ms).toBe(4000);
    await model.refresh();
    expect(model.wait_ms).toBeLessThan(1500);
    model.dispose();
  });

  it('test_stop_when_hidden_then_asks_nothing_until_started_again', async () => {
    let asked = 0;
    const model = new Polled({ load: async () => ++asked, interval_ms: 1000 });
    model.start();
    await pass(0);
    model.stop();
    await pass(60_000);
    expect(asked).toBe(1);
    model.start();
    await pass(0);
    expect(asked).toBe(2);
    model.dispose();
    await pass(60_000);
    expect(asked).toBe(2);
  });

  it('test_refresh_when_an_older_answer_comes_late_then_it_is_not_shown', async () => {
    const answers: ((value: string) => void)[] = [];
    const model = new Polled({ load: () => new Promise<string>(done => answers.push(done)) });
    const slow = model.refresh();
    const quick = model.refresh();
    answers[1]('new');
    await quick;
    answers[0]('old');
    await slow;
    expect(model.data).toBe('new');
    expect(model.isLoading).toBe(false);
    model.dispose();
  });
});
