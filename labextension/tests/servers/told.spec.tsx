/** Telling users before, in the panel: the dialog, the rollout's row, the receipt. */

import { act, cleanup, fireEvent, render, screen, within } from '@testing-library/react';
import * as React from 'react';

import { DEFAULT_TEXTS, GENTLE, UNTOLD } from '../../src/servers/courtesy';
import { ServersPanel } from '../../src/servers/panel';
import type { ICourtesy } from '../../src/servers/types';
import { makeHost } from '../host';
import { ADA, FakeServers } from './fake-servers';
import { job, server, TOLD_ENDED, toldJob } from './samples';

Object.defineProperty(globalThis, 'IntersectionObserver', { value: undefined });
HTMLDialogElement.prototype.showModal = function () {
  this.open = true;
};
HTMLDialogElement.prototype.close = function () {
  this.open = false;
};

interface ISent {
  courtesy?: ICourtesy;
  pace?: { max_in_flight: number };
}

const settle = (wait_ms = 50) => act(() => new Promise<void>(done => setTimeout(done, wait_ms)));
/** Longer than somebody takes for the next key. */
const typed = () => settle(700);

async function show(fake: FakeServers) {
  const host = makeHost(fake.api, ADA);
  await act(async () => {
    render(<ServersPanel host={host} />);
  });
  await settle();
}

function school(...users: string[]): FakeServers {
  const fake = new FakeServers();
  fake.servers = users.map(user => server(user, { is_own: user === ADA.login }));
  return fake;
}

const click = (name: string | RegExp) =>
  act(async () => {
    fireEvent.click(screen.getByRole('button', { name }));
    await new Promise<void>(done => setTimeout(done, 20));
  });
const dialog = () => within(screen.getByRole('dialog'));
const box = (name: RegExp) => dialog().getByRole<HTMLInputElement>('textbox', { name });
const type = (name: RegExp, value: string) => fireEvent.change(box(name), { target: { value } });
const sentOf = (fake: FakeServers) => fake.bodiesOf<ISent>('servers/plans');
const preview = () => document.querySelector('.growth-Courtesy-preview .growth-NoticeRow');

async function plan(fake: FakeServers, count: number) {
  await show(fake);
  await click(`Select all ${count} that match`);
  await click(`Restart ${count} servers`);
}

describe('a warning before a restart', () => {
  afterEach(cleanup);

  it('test_plan_when_several_are_at_work_then_it_begins_with_a_warning_and_applies_it', async () => {
    const fake = school('jane', 'tom', 'wei');
    await plan(fake, 3);
    expect(sentOf(fake)[0].courtesy).toEqual(GENTLE);
    expect(screen.getByRole('heading').textContent).toContain('after 5 min of warning');
    expect(preview()?.textContent).toContain(DEFAULT_TEXTS.restart);
    expect(preview()?.textContent).toContain('in 5 min');
    expect(preview()?.textContent).toContain('10 more minutes');
    expect(preview()?.textContent).toContain('Save all and restart now');
    expect(preview()?.closest('[inert]')).not.toBeNull();
    await click('Warn, then restart 3 servers');
    expect(fake.bodiesOf<ISent>('servers/applications')[0].courtesy).toEqual(GENTLE);
  });

  it('test_plan_when_nobody_shall_hear_then_at_once_and_back_again_keeps_what_was_typed', async () => {
    const fake = school('jane', 'tom');
    await plan(fake, 2);
    type(/What they read/, 'New <b>software</b>');
    expect(preview()?.querySelector('b')).toBeNull();
    await typed();
    expect(preview()?.textContent).toContain('New <b>software</b>');
    fireEvent.click(dialog().getByRole('radio', { name: /at once/ }));
    await typed();
    expect(sentOf(fake)[2].courtesy).toEqual(UNTOLD);
    expect(preview()).toBeNull();
    dialog().getByRole('button', { name: 'Restart 2 servers' });
    fireEvent.click(dialog().getByRole('radio', { name: /A warning/ }));
    expect(box(/What they read/).value).toBe('New <b>software</b>');
  });

  it('test_plan_when_one_is_restarted_then_at_once_unless_a_warning_is_chosen', async () => {
    const fake = school('jane');
    await show(fake);
    await click('Select all 1 that match');
    await click('Restart jane');
    expect(sentOf(fake)[0].courtesy).toBeUndefined();
    fireEvent.click(dialog().getByRole('radio', { name: /A warning/ }));
    await typed();
    expect(sentOf(fake)[1].courtesy).toEqual(GENTLE);
    dialog().getByRole('button', { name: 'Warn, then restart jane' });
  });

  it('test_plan_when_it_is_only_my_own_server_or_a_start_then_nobody_is_asked', async () => {
    const fake = school(ADA.login);
    await show(fake);
    await click('Select all 1 that match');
    await click('Restart ada');
    expect(dialog().queryByRole('radio')).toBeNull();
    cleanup();
    const stopped = new FakeServers();
    stopped.servers = [server('jane', { state: 'stopped' }), server('tom', { state: 'stopped' })];
    await show(stopped);
    await click('Select all 2 that match');
    await click('Start 2 servers');
    expect(dialog().queryByRole('radio')).toBeNull();
    expect(sentOf(stopped)[0].courtesy).toBeUndefined();
  });

  it('test_field_when_it_is_wrong_then_it_says_so_there_and_nothing_can_be_applied', async () => {
    const fake = school('jane', 'tom');
    await plan(fake, 2);
    type(/Warn/, '0');
    type(/Link/, 'http://example.org');
    await typed();
    expect(sentOf(fake)).toHaveLength(1);
    for (const [name, words] of [
      [/Warn/, 'from 1 to 1440'],
      [/Link/, 'https://']
    ] as const) {
      expect(box(name).getAttribute('aria-invalid')).toBe('true');
      const id = box(name).getAttribute('aria-describedby') ?? '';
      expect(document.getElementById(id)?.textContent).toContain(words);
    }
    const apply = dialog().getByRole('button', { name: /then restart 2 servers/ });
    expect(apply.getAttribute('aria-disabled')).toBe('true');
    type(/Warn/, '2');
    type(/Link/, 'https://example.org/why');
    await typed();
    expect(sentOf(fake)[1].courtesy).toMatchObject({
      warn_min: 2,
      link: 'https://example.org/why'
    });
    expect(apply.getAttribute('aria-disabled')).toBe('false');
    expect(dialog().getByText(/once a minute/)).toBeTruthy();
  });

  it('test_field_when_the_server_refuses_it_then_its_words_stand_at_the_field', async () => {
    const fake = school('jane', 'tom');
    await plan(fake, 2);
    fake.refused = 'servers/plans';
    fake.refusal = {
      status: 422,
      title: 'Not valid',
      detail: 'The body is not valid.',
      errors: [{ field: 'courtesy.text', message: 'this word is not allowed' }]
    };
    type(/What they read/, 'A bad word');
    await typed();
    const id = box(/What they read/).getAttribute('aria-describedby') ?? '';
    expect(document.getElementById(id)?.textContent).toBe('this word is not allowed');
    const apply = dialog().getByRole('button', { name: /then restart 2 servers/ });
    expect(apply.getAttribute('aria-disabled')).toBe('true');
  });

  it('test_plan_when_warning_and_pace_change_together_then_neither_is_lost', async () => {
    const fake = school('jane', 'tom', 'wei');
    await plan(fake, 3);
    type(/At most/, '2');
    type(/Warn/, '8');
    await typed();
    const last = sentOf(fake)[sentOf(fake).length - 1];
    expect([last.pace?.max_in_flight, last.courtesy?.warn_min]).toEqual([2, 8]);
    const apply = dialog().getByRole('button', { name: /then restart 3 servers/ });
    expect(apply.getAttribute('aria-disabled')).toBe('false');
  });
});

describe('a rollout whose users were told', () => {
  afterEach(cleanup);

  it('test_row_when_it_waits_then_it_counts_down_and_says_what_users_said', async () => {
    const fake = school('jane');
    fake.jobs = [toldJob('one')];
    await show(fake);
    const row = within(screen.getByRole('article'));
    expect(row.getByRole('timer').textContent).toMatch(/^Next in 2 min/);
    expect(row.getByText(/stops at 10 % failures/)).toBeTruthy();
    for (const words of [
      '43 told:',
      '40 saw it',
      '12 saved',
      '1 could not save',
      '2 asked for more time',
      '3 ready before the time',
      '4 with busy kernels'
    ]) {
      expect(row.getByText(words)).toBeTruthy();
    }
  });

  it('test_row_when_nobody_was_told_then_nothing_is_said_of_it', async () => {
    const fake = school('jane');
    fake.jobs = [job('one')];
    await show(fake);
    const row = within(screen.getByRole('article'));
    expect(row.queryByText(/told/)).toBeNull();
    expect(row.queryByRole('timer')).toBeNull();
  });

  it('test_row_when_paused_then_no_countdown_runs_and_it_says_what_resume_does', async () => {
    const fake = school('jane');
    fake.jobs = [{ ...toldJob('one'), is_paused: true, state: 'pending' }];
    await show(fake);
    expect(screen.queryByRole('timer')).toBeNull();
    expect(screen.getByText(/told anew/)).toBeTruthy();
  });

  it('test_receipt_when_a_count_is_clicked_then_it_names_who', async () => {
    const fake = school('jane');
    fake.jobs = [job('one', TOLD_ENDED)];
    await show(fake);
    await click(/6 did not see it/);
    const list = screen.getByRole('list', { name: 'did not see it' });
    expect(within(list).getAllByRole('listitem')).toHaveLength(6);
    expect(list.textContent).toContain('student-4');
    await click(/6 could not save/);
    expect(screen.queryByRole('list', { name: 'did not see it' })).toBeNull();
    expect(screen.getByRole('list', { name: 'could not save' }).textContent).toContain('student-2');
  });
});
