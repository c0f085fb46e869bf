import type { JupyterFrontEnd } from '@jupyterlab/application';

import { spellRestart } from '../../src/notices/card';
import { EMPTY, faultOf, labelOf, toDraft, usersOf } from '../../src/notices/form';
import { RestartRow } from '../../src/notices/student/restart';
import { createRow, postponeMinutes } from '../../src/notices/student/row';
import { timeLeft } from '../../src/notices/student/time-left';
import { type INotice, NoticeWatch } from '../../src/notices/student/watch';
import { goneText } from '../../src/notices/student/words';

const MARKUP = '<img src=x onerror="hacked=1"> & **bold**';

const notice = (change: Partial<INotice> = {}): INotice => ({
  id: 'n1',
  stamp: 's1',
  text: MARKUP,
  level: 'info',
  kind: 'bar',
  link: '',
  restart: null,
  ...change
});
const settle = (): Promise<void> => new Promise(resolve => setTimeout(resolve, 1));

describe('a row', () => {
  it('test_text_when_it_holds_markup_then_it_is_drawn_as_text', async () => {
    const { node } = createRow(notice(), {});
    await settle();
    expect(node.querySelector('img')).toBeNull();
    expect(node.querySelector('[role=status]')?.textContent).toBe(MARKUP);
  });

  it('test_text_when_the_row_is_made_then_it_comes_after_its_live_region', async () => {
    const { node } = createRow(notice({ level: 'warning' }), {});
    const region = node.querySelector('[role=alert]');
    expect(region?.textContent).toBe('');
    await settle();
    expect(region?.textContent).toBe(MARKUP);
    expect(node.querySelector('[role=timer]')?.getAttribute('aria-live')).toBe('off');
  });

  it('test_link_when_it_is_not_https_then_it_is_not_drawn', () => {
    for (const link of ['javascript:alert(1)', 'http://a.org', 'data:x', '']) {
      expect(createRow(notice({ link }), {}).node.querySelector('a')).toBeNull();
    }
    const link = createRow(notice({ link: 'https://a.org/x' }), {}).node.querySelector('a');
    expect([link?.rel, link?.target]).toEqual(['noopener noreferrer', '_blank']);
  });

  it('test_button_when_clicked_with_the_mouse_then_the_focus_stays_where_it_is', () => {
    let clicks = 0;
    const { node } = createRow(notice(), { dismiss: () => (clicks += 1) });
    const button = node.querySelector('button')!;
    const down = new MouseEvent('mousedown', { bubbles: true, cancelable: true });
    button.dispatchEvent(down);
    button.click();
    expect([down.defaultPrevented, clicks]).toEqual([true, 1]);
  });

  it('test_row_when_it_comes_into_the_page_then_it_takes_no_focus', async () => {
    const cell = document.body.appendChild(document.createElement('textarea'));
    cell.focus();
    document.body.append(createRow(notice(), { dismiss: () => undefined }).node);
    await settle();
    expect(document.activeElement).toBe(cell);
  });

  it('test_postpone_when_all_of_it_was_asked_for_then_only_its_button_goes', () => {
    const restart = { at_s: 0, may_go_now: true, asks_busy: false, is_stop: false };
    const nothing = (): void => undefined;
    const row = createRow(notice({ restart: { ...restart, may_postpone_min: 10 } }), {
      saveAndRestart: nothing,
      postpone: nothing
    });
    const labels = (): (string | null)[] =>
      [...row.node.querySelectorAll('button')].map(found => found.textContent);
    expect(labels()).toEqual(['Save all and restart now', '10 more minutes']);
    row.dropPostpone();
    expect(labels()).toEqual(['Save all and restart now']);
  });

  it('test_postpone_when_allowed_then_at_most_ten_minutes_at_once', () => {
    const restart = { at_s: 0, may_go_now: true, asks_busy: false, is_stop: false };
    const of = (may_postpone_min: number): number =>
      postponeMinutes(notice({ restart: { ...restart, may_postpone_min } }));
    expect([of(0), of(5), of(60)]).toEqual([0, 5, 10]);
  });
});

describe('the time that may be asked for', () => {
  const restart = { may_go_now: false, asks_busy: false, is_stop: false, may_postpone_min: 10 };
  const rowOf = (id: string, may_postpone_min = 10): RestartRow => {
    const watch = new NoticeWatch({
      url: '/growth/api/notices/',
      key: 'the-key',
      interval_ms: 60_000,
      onOutcome: () => undefined
    });
    const app = {} as JupyterFrontEnd; // nothing is saved so long before the restart
    const at_s = Date.now() / 1000 + 3600;
    return new RestartRow(
      app,
      watch,
      notice({ id, restart: { ...restart, at_s, may_postpone_min } })
    );
  };
  const buttonOf = ({ node }: RestartRow): HTMLButtonElement | null => node.querySelector('button');

  it('test_more_time_when_used_up_and_the_page_is_loaded_again_then_none_is_offered', async () => {
    AbortSignal.timeout = () => new AbortController().signal;
    global.fetch = (async () => ({
      ok: true,
      json: async () => ({ is_kept: true })
    })) as unknown as typeof fetch;
    const row = rowOf('n1');
    buttonOf(row)?.click();
    await settle();
    expect(buttonOf(row)).toBeNull();
    const [again, other] = [rowOf('n1'), rowOf('n2')];
    expect(buttonOf(again)).toBeNull();
    expect(buttonOf(other)?.textContent).toBe('10 more minutes');
    [row, again, other].forEach(one => one.dispose());
  });

  it('test_more_time_when_asked_for_twice_then_the_second_wish_says_both', async () => {
    const said: unknown[] = [];
    global.fetch = (async (_: string, init?: RequestInit) => {
      const body = JSON.parse(String(init?.body ?? '{}')) as { kind?: string; minutes?: number };
      said.push(...(body.kind === 'postpone' ? [body.minutes] : []));
      return { ok: true, json: async () => ({ is_kept: true }) };
    }) as unknown as typeof fetch;
    const row = rowOf('n3', 15);
    for (let click = 0; click < 2; click++) {
      buttonOf(row)?.click();
      await settle();
    }
    expect(said).toEqual([10, 15]);
    expect(row.node.textContent).toContain('You asked for 5 more minutes.');
    expect(buttonOf(row)).toBeNull();
    row.dispose();
  });
});

describe('a server that is stopped for good', () => {
  it('test_words_when_it_is_no_restart_then_none_is_promised', () => {
    const restart = { at_s: 0, may_postpone_min: 0, may_go_now: true, asks_busy: false };
    const label = (is_stop: boolean): string | null | undefined =>
      createRow(notice({ restart: { ...restart, is_stop } }), {
        saveAndRestart: () => undefined
      }).node.querySelector('button')?.textContent;
    expect(label(true)).toBe('Save all and stop now');
    expect(label(false)).toBe('Save all and restart now');
    expect(goneText(0, false)).toContain('comes back by itself');
    for (const changed of [0, 2]) {
      expect(goneText(changed, true)).toContain('start it again when you need it');
      expect(goneText(changed, true)).not.toContain('restarted');
    }
    expect(goneText(2, true)).toContain('2 documents changed');
  });
});

describe('the time that is left', () => {
  it('test_time_when_it_passes_then_it_is_said_in_minutes_and_seconds', () => {
    expect(timeLeft(0, 0)).toBe('any moment now');
    expect(timeLeft(9.2, 0)).toMatch(/^in 10 s \(/);
    expect(timeLeft(60, 0)).toMatch(/^in 1 min \(/);
    expect(timeLeft(250, 0)).toMatch(/^in 4 min 10 s \(/);
    expect(timeLeft(7200, 0)).toMatch(/^at /);
  });
});

describe('the form', () => {
  const now = new Date('2026-11-29T10:00:00Z');

  it.each([
    [{}, 'Write what'],
    [{ text: '  ' }, 'Write what'],
    [{ text: 'x'.repeat(141), kind: 'toast' as const }, '140'],
    [{ text: 'x', link: 'http://a.org' }, 'https'],
    [{ text: 'x', link: 'javascript:alert(1)' }, 'https'],
    [{ text: 'x', until: '2026-11-28T10:00' }, 'passed']
  ])('test_form_when_%j_then_it_says_what_is_wrong', (change, said) => {
    expect(faultOf({ ...EMPTY, ...change }, now)).toContain(said);
  });

  it('test_form_when_filled_then_the_button_says_who_will_see_it', () => {
    const form = { ...EMPTY, text: ' Lunch ', groups: ['students'], users: 'Jane, tom;  ' };
    expect(faultOf(form, now)).toBe('');
    expect(usersOf(form)).toEqual(['jane', 'tom']);
    expect(labelOf(EMPTY)).toBe('Show it to everybody');
    expect(labelOf({ ...EMPTY, groups: ['students'] })).toBe('Show it to students');
    expect(labelOf(form)).toBe('Show it to students and 2 users');
    expect(toDraft(form)).toMatchObject({
      text: 'Lunch',
      until: null,
      audience: { groups: ['students'], users: ['jane', 'tom'], servers: [] }
    });
  });
});

describe('a restart in the organisers\u2019 list', () => {
  const restart = {
    at: '2026-11-29T10:40:00Z',
    may_postpone_min: 0,
    may_go_now: false,
    asks_busy: false,
    is_stop: false,
    moved: {},
    done: [],
    job_id: ''
  };

  it('test_words_when_a_rollout_tells_of_it_then_all_that_users_may_is_said', () => {
    expect(spellRestart(restart)).toMatch(/^Restart at .*2026.*\.$/);
    const said = spellRestart({
      ...restart,
      may_postpone_min: 10,
      may_go_now: true,
      asks_busy: true,
      is_stop: true,
      moved: { jane: restart.at, 'tom/second': restart.at },
      job_id: 'j1'
    });
    expect(said).toMatch(/^Stop at/);
    for (const words of [
      '10 minutes later',
      'kernels are busy',
      'before',
      '2 servers',
      'rollout'
    ]) {
      expect(said).toContain(words);
    }
  });
});
