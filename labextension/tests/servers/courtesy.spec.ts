import {
  adviceOf,
  courtesyFor,
  faultsFrom,
  faultsOf,
  formOf,
  GENTLE,
  readCourtesy,
  UNTOLD
} from '../../src/servers/courtesy';
import { STORIES, storiesOf } from '../../src/servers/told-receipt';
import { toldOf } from '../../src/servers/waves';
import { job, server, TOLD_ENDED, TOLD_STORIES, toldJob } from './samples';

const FORM = formOf(GENTLE);

describe('what a plan begins with', () => {
  const atWork = server('jane');
  const idle = server('tom', { idle_since: '2026-11-23T05:00:00Z' });
  const own = server('ada', { is_own: true });

  it('test_plan_when_several_go_and_one_is_at_work_then_they_are_told', () => {
    expect(courtesyFor('restart', [atWork, idle])).toBe(GENTLE);
    expect(courtesyFor('stop', [atWork, idle])).toBe(GENTLE);
  });

  it('test_plan_when_one_goes_or_nobody_is_at_work_then_at_once', () => {
    expect(courtesyFor('restart', [atWork])).toBeUndefined();
    expect(courtesyFor('restart', [atWork, own])).toBeUndefined();
    expect(courtesyFor('restart', [idle, idle, own])).toBeUndefined();
    expect(courtesyFor('start', [atWork, atWork])).toBeUndefined();
  });
});

describe('the form of a warning', () => {
  it('test_form_when_it_is_read_then_the_same_courtesy_comes_back', () => {
    const all = { ...GENTLE, text: 'New software.', link: 'https://a.org/x', may_go_now: false };
    expect(readCourtesy(formOf(all))).toEqual(all);
    expect(readCourtesy(formOf(UNTOLD))).toEqual(UNTOLD);
  });

  it('test_form_when_it_is_switched_on_then_it_proposes_minutes_and_sends_none_while_off', () => {
    const off = formOf(UNTOLD);
    expect([off.isTold, off.warn, off.postpone, off.busy]).toEqual([false, '5', '10', '15']);
    expect(readCourtesy({ ...off, text: 'left over', link: 'x' })).toEqual(UNTOLD);
    expect(readCourtesy({ ...off, isTold: true })).toEqual(GENTLE);
  });

  it.each([
    [{ warn: '0' }, 'warn'],
    [{ warn: '' }, 'warn'],
    [{ warn: '1441' }, 'warn'],
    [{ warn: '2.5' }, 'warn'],
    [{ postpone: '241' }, 'postpone'],
    [{ busy: '-1' }, 'busy'],
    [{ text: 'x'.repeat(1001) }, 'text'],
    [{ link: 'http://a.org' }, 'link'],
    [{ link: 'javascript:alert(1)' }, 'link'],
    [{ link: 'https:///x' }, 'link']
  ])('test_form_when_%j_then_that_field_is_wrong_and_nothing_is_sent', (change, field) => {
    const form = { ...FORM, ...change };
    expect(Object.keys(faultsOf(form))).toEqual([field]);
    expect(readCourtesy(form)).toBeNull();
    expect(faultsOf({ ...form, isTold: false })).toEqual({});
  });

  it('test_form_when_the_server_refuses_a_field_then_it_is_said_there', () => {
    const errors = [
      { field: 'courtesy.link', message: 'Value error, only links that begin with https://' },
      { field: 'servers.0.user', message: 'too long' }
    ];
    expect(faultsFrom(errors)).toEqual({ link: 'only links that begin with https://' });
    expect(faultsFrom()).toEqual({});
  });

  it('test_form_when_there_is_little_time_then_it_says_who_may_miss_it', () => {
    expect(adviceOf({ ...FORM, warn: '2' })).toContain('once a minute');
    expect(adviceOf(FORM)).toBe('');
    expect(adviceOf({ ...FORM, warn: 'x' })).toBe('');
  });
});

describe('what users said', () => {
  it('test_counts_when_nobody_was_told_then_there_are_none', () => {
    expect(toldOf(job('one'))).toBeNull();
    expect(toldOf(toldJob('one'))).toMatchObject({ warned: 43, saw: 40, saved: 12, wantedTime: 2 });
    expect(toldOf(TOLD_ENDED as ReturnType<typeof job>)?.saw).toBe(40);
  });

  it('test_receipt_when_users_were_told_then_each_story_is_found_once', () => {
    const items = TOLD_ENDED.receipt?.items ?? [];
    expect(storiesOf(items).map(({ id }) => id)).toEqual(STORIES.map(({ id }) => id));
    const found = storiesOf(items.slice(0, TOLD_STORIES.length));
    const of = (id: string): number => found.find(story => story.id === id)?.items.length ?? 0;
    expect([of('unsaved'), of('unseen'), of('silent'), of('early')]).toEqual([1, 1, 1, 1]);
    expect(of('saved')).toBe(4);
    expect(storiesOf([{ target: 'x', action: 'restart', result: 'done', detail: '' }])).toEqual([]);
  });
});
