import { type INotice, NoticeWatch, type Outcome } from '../../src/notices/student/watch';

const NOTICE: INotice = {
  id: 'n1',
  stamp: 's1',
  text: 'Lunch',
  level: 'info',
  kind: 'bar',
  link: '',
  restart: null
};

describe('NoticeWatch', () => {
  let outcomes: Outcome[] = [];
  let asked: RequestInit[] = [];
  let answer: () => Promise<Partial<Response>> = () => Promise.reject(new Error('no network'));
  let isHidden = false;

  const reply =
    (status: number, body: unknown, headers: Record<string, string> = {}) =>
    () =>
      Promise.resolve({
        status,
        ok: status < 300,
        headers: new Map(Object.entries(headers)) as unknown as Headers,
        json: () => Promise.resolve(body)
      });
  let made = 0;
  // an earlier test's watch lives as long as its page: each has an address of its own
  const make = (): NoticeWatch =>
    new NoticeWatch({
      url: `/${++made}/growth/api/notices/`,
      key: 'the-key',
      interval_ms: 60_000,
      onOutcome: outcome => outcomes.push(outcome)
    });
  const pass = (ms: number): Promise<void> => jest.advanceTimersByTimeAsync(ms);

  beforeEach(() => {
    jest.useFakeTimers();
    [outcomes, asked, isHidden] = [[], [], false];
    Object.defineProperty(document, 'hidden', { configurable: true, get: () => isHidden });
    AbortSignal.timeout = () => new AbortController().signal;
    global.fetch = ((url: string, init: RequestInit) => {
      if (url.startsWith(`/${made}/`)) {
        asked.push(init);
      }
      return answer();
    }) as typeof fetch;
  });
  afterEach(() => jest.useRealTimers());

  it('test_watch_when_there_is_no_notice_then_nobody_hears_anything', async () => {
    answer = reply(200, { notices: [] });
    const watch = make();
    watch.start();
    await pass(300_000);
    expect(asked.length).toBeGreaterThanOrEqual(4);
    expect(outcomes).toEqual([]);
  });

  it('test_watch_when_the_server_fails_then_it_is_silent_and_asks_less_and_less', async () => {
    answer = () => Promise.reject(new Error('no network'));
    const watch = make();
    watch.start();
    await pass(3_600_000);
    expect(outcomes).toEqual([]);
    expect(asked.length).toBeLessThan(12);
    expect(watch.wait_ms).toBeLessThanOrEqual(600_000 * 1.15);
  });

  it('test_watch_when_the_page_is_hidden_then_nothing_is_asked_until_somebody_looks', async () => {
    answer = reply(200, { notices: [] });
    const watch = make();
    isHidden = true;
    watch.start();
    await pass(3_600_000);
    expect(asked).toHaveLength(0);
    isHidden = false;
    document.dispatchEvent(new Event('visibilitychange'));
    await pass(0);
    expect(asked).toHaveLength(1);
  });

  it('test_watch_when_a_notice_comes_then_it_is_told_and_the_mark_is_sent_back', async () => {
    answer = reply(200, { notices: [NOTICE] }, { Etag: '"e1"' });
    const watch = make();
    expect(await watch.ask()).toBe('changed');
    expect(watch.notices).toEqual([NOTICE]);
    answer = reply(304, null);
    expect(await watch.ask()).toBe('same');
    expect(outcomes).toEqual(['changed', 'same']);
    expect(asked[1].headers).toMatchObject({
      'X-Growth-Notices': 'the-key',
      'If-None-Match': '"e1"'
    });
    expect(watch.notices).toEqual([NOTICE]);
  });

  it.each([
    [403, 'stranger'],
    [401, 'stranger'],
    [503, 'lost'],
    [424, 'lost'],
    [404, 'lost'],
    [0, 'lost']
  ])('test_watch_when_the_answer_is_%s_then_it_is_%s', async (status, outcome) => {
    answer = reply(200, { notices: [NOTICE] });
    const watch = make();
    await watch.ask();
    answer = reply(status || 302, null);
    expect(await watch.ask()).toBe(outcome);
    expect(watch.notices).toEqual([NOTICE]);
  });

  it('test_watch_when_something_is_about_to_happen_then_it_asks_soon_also_hidden', async () => {
    answer = reply(200, { notices: [NOTICE] });
    const watch = make();
    watch.start();
    await pass(5000);
    const before = asked.length;
    isHidden = true;
    watch.hurry(2000);
    await pass(10_000);
    expect(asked.length - before).toBeGreaterThanOrEqual(4);
  });

  it('test_wait_when_many_watch_then_they_do_not_ask_at_the_same_time', () => {
    const waits = new Set(Array.from({ length: 20 }, () => Math.round(make().wait_ms)));
    expect(waits.size).toBeGreaterThan(10);
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(51_000);
    expect(Math.max(...waits)).toBeLessThanOrEqual(69_000);
  });

  it('test_reply_when_it_cannot_be_left_then_false_and_no_error', async () => {
    answer = reply(200, { is_kept: false });
    expect(await make().reply({ notice: 'n1', kind: 'seen' })).toBe(false);
    answer = () => Promise.reject(new Error('no network'));
    expect(await make().reply({ notice: 'n1', kind: 'seen' })).toBe(false);
    answer = reply(200, { is_kept: true });
    expect(await make().reply({ notice: 'n1', kind: 'seen' })).toBe(true);
  });
});
