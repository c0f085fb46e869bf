import { act, cleanup, fireEvent, render, screen, within } from '@testing-library/react';
import * as React from 'react';

import { ServersPanel } from '../../src/servers/panel';
import { makeHost } from '../host';
import { ADA, FakeServers } from './fake-servers';
import { ENDED, job, NEW, OLD, server } from './samples';

// jsdom draws nothing and opens no dialog.
Object.defineProperty(globalThis, 'IntersectionObserver', { value: undefined });
HTMLDialogElement.prototype.showModal = function () {
  this.open = true;
};
HTMLDialogElement.prototype.close = function () {
  this.open = false;
};

interface ISent {
  plan_id: string;
  action: string;
  servers?: { user: string; state?: string }[];
  selector?: object;
  pace?: { max_in_flight: number };
}

/** Polls begin by a timer, and a long list is asked for twice. */
const settle = () => act(() => new Promise<void>(done => setTimeout(done, 50)));

async function show(fake: FakeServers) {
  const host = makeHost(fake.api, ADA);
  await act(async () => {
    render(<ServersPanel host={host} />);
  });
  await settle();
  return host;
}

/** Whom nobody must tell anything. */
const NOBODY_AT_WORK = { idle_since: '2026-11-23T05:00:00Z' };

function school(count: number): FakeServers {
  const fake = new FakeServers();
  fake.servers = Array.from({ length: count }, (_, index) =>
    server(`student-${index}`, { ...NOBODY_AT_WORK, ...(index % 2 ? { image_digest: OLD } : {}) })
  );
  return fake;
}

const click = (name: string | RegExp) =>
  act(async () => {
    fireEvent.click(screen.getByRole('button', { name }));
    await new Promise<void>(done => setTimeout(done, 20));
  });
const dialog = () => within(screen.getByRole('dialog'));

describe('servers panel', () => {
  afterEach(() => {
    cleanup();
    jest.useRealTimers();
  });

  it('test_plan_when_applied_then_what_was_shown_is_sent_with_its_states_and_pace', async () => {
    const fake = school(4);
    const { traits } = await show(fake);
    await click('Select all 4 that match');
    await click('Restart 4 servers');
    expect(fake.bodiesOf<ISent>('servers/plans')[0].servers).toHaveLength(4);
    expect(traits.get('plan_id')).toBe('p-restart-4-10-0.1');
    await act(async () => {
      fireEvent.click(dialog().getByRole('button', { name: 'Restart 4 servers' }));
    });
    const [sent] = fake.bodiesOf<ISent>('servers/applications');
    expect(sent).toMatchObject({ plan_id: 'p-restart-4-10-0.1', pace: { max_in_flight: 10 } });
    expect(sent.servers?.[0]).toMatchObject({ user: 'student-0', state: 'ready' });
    expect(traits.get('job_id')).toBe('job-1');
  });

  it('test_pace_when_changed_then_it_is_planned_anew_and_cannot_be_applied_before', async () => {
    const fake = school(30);
    await show(fake);
    await click('Select all 30 that match');
    await click('Restart 30 servers');
    jest.useFakeTimers();
    const typed = dialog().getByRole('textbox', { name: /to confirm/ });
    fireEvent.change(typed, { target: { value: '30' } });
    fireEvent.change(dialog().getByRole('textbox', { name: /At most/ }), {
      target: { value: '5' }
    });
    const apply = () => dialog().getByRole('button', { name: 'Restart 30 servers' });
    expect(apply().getAttribute('aria-disabled')).toBe('true');
    await act(async () => {
      await jest.advanceTimersByTimeAsync(700);
    });
    expect(fake.bodiesOf<ISent>('servers/plans')[1].pace?.max_in_flight).toBe(5);
    expect(screen.getByRole('heading').textContent).toContain('in 7 waves');
    expect(apply().getAttribute('aria-disabled')).toBe('false');
    expect((typed as HTMLInputElement).value).toBe('30');
  });

  it('test_pace_when_it_is_no_number_then_the_field_says_so_and_nothing_is_sent', async () => {
    const fake = school(3);
    await show(fake);
    await click('Select all 3 that match');
    await click('Stop 3 servers');
    expect(dialog().queryByRole('textbox', { name: /Canaries/ })).toBeNull();
    fireEvent.change(dialog().getByRole('textbox', { name: /Stop at/ }), {
      target: { value: 'x' }
    });
    expect(dialog().getByRole('alert').textContent).toContain('Failures');
    expect(fake.bodiesOf('servers/plans')).toHaveLength(1);
  });

  it('test_plan_when_the_world_changed_then_it_can_be_made_again', async () => {
    const fake = school(3);
    await show(fake);
    await click('Select all 3 that match');
    await click('Restart 3 servers');
    fake.refused = 'servers/applications';
    fake.refusal = { status: 409, title: 'The plan is stale', hint: 'Plan again.' };
    await act(async () => {
      fireEvent.click(dialog().getByRole('button', { name: 'Restart 3 servers' }));
    });
    expect(dialog().getByRole('alert').textContent).toContain('The plan is stale');
    await click('Plan again');
    expect(fake.bodiesOf('servers/plans')).toHaveLength(2);
    expect(dialog().queryByRole('alert')).toBeNull();
  });

  it('test_filters_when_not_on_the_new_image_then_table_and_selector_mean_the_same', async () => {
    const fake = school(20);
    const { actions } = await show(fake);
    expect(actions.get('servers-restart-like')?.isEnabled).toBe(false);
    await click('More filters');
    fireEvent.change(screen.getByRole('combobox', { name: /Image is not/ }), {
      target: { value: NEW }
    });
    expect(screen.getByText(/10 servers are like this/)).toBeTruthy();
    expect(screen.getByText('10 servers')).toBeTruthy();
    await click('Restart all 10 like this');
    const [sent] = fake.bodiesOf<ISent>('servers/plans');
    expect(sent.selector).toMatchObject({ image_not: NEW, has_named: false });
    expect(sent.servers).toBeUndefined();
    await act(async () => {
      fireEvent.click(dialog().getByRole('button', { name: 'Restart 10 servers' }));
    });
    expect(fake.bodiesOf<ISent>('servers/applications')[0].servers).toHaveLength(10);
  });

  it('test_list_when_long_then_the_first_rows_come_before_the_rest', async () => {
    const fake = school(3000);
    await show(fake);
    const asked = fake.asked.filter(({ path }) => path === 'servers').map(({ query }) => query);
    expect(asked).toEqual(['500', '']);
    expect(screen.getByText('3,000 servers')).toBeTruthy();
    expect(document.querySelectorAll('.growth-Row').length).toBeLessThan(100);
  });

  it('test_rollout_when_it_runs_then_waves_and_numbers_are_on_top_and_it_can_be_paused', async () => {
    const fake = school(2);
    fake.jobs = [job('one')];
    await show(fake);
    const row = within(screen.getByRole('article'));
    expect(document.querySelector('.growth-Waves-marks')?.textContent).toBe('●●◐○○');
    for (const words of ['wave 3 of 5', '10 in flight', '20 done', '1 failed', '12 left']) {
      expect(row.getByText(words)).toBeTruthy();
    }
    await click('Pause');
    expect(row.getByRole('button', { name: 'Resume' })).toBeTruthy();
    await click('Cancel');
    expect(fake.jobs[0].is_cancel_asked).toBe(true);
  });

  it('test_rollout_when_some_failed_then_they_can_be_selected', async () => {
    const fake = school(43);
    fake.jobs = [job('one', ENDED)];
    const { traits } = await show(fake);
    expect(screen.getByText('Restarted 40 of 43 servers')).toBeTruthy();
    await click('Select the 2 that failed');
    expect(traits.get('selection')).toEqual(['student-7', 'student-8']);
  });

  it('test_list_when_the_hub_is_silent_then_the_banner_says_so_and_asks_again', async () => {
    const fake = school(2);
    fake.refused = 'servers';
    fake.refusal = { status: 503, title: 'The hub did not answer', hint: 'Wait a minute.' };
    await show(fake);
    expect(screen.getByRole('alert').textContent).toContain('The hub did not answer');
    fake.refusal = null;
    await click('Try again');
    expect(screen.getByText('2 servers')).toBeTruthy();
  });

  it('test_list_when_nobody_is_like_this_then_all_can_be_shown_again', async () => {
    const fake = school(2);
    await show(fake);
    await click('More filters');
    fireEvent.click(screen.getByRole('checkbox', { name: 'Old script revision' }));
    expect(screen.getByText('No server is like this.')).toBeTruthy();
    await click('Show all servers');
    expect(screen.getByText('2 servers')).toBeTruthy();
  });

  it('test_row_when_it_holds_markup_then_it_is_text', async () => {
    const fake = new FakeServers();
    fake.servers = [server('<img src=x onerror=alert(1)>', { groups: ['<b>x</b>'] })];
    fake.notes = ['Starts are still being read.'];
    await show(fake);
    expect(document.querySelector('td img, td b')).toBeNull();
    expect(screen.getByText('Starts are still being read.')).toBeTruthy();
  });

  it('test_filter_when_another_panel_hands_an_image_over_then_all_others_are_chosen', async () => {
    const fake = school(5);
    const { traits } = await show(fake);
    await act(async () => traits.set('filter', `image-not:${NEW}`));
    await settle();
    expect(traits.get('filter')).toBe('');
    expect(screen.getByText(/2 servers are like this/)).not.toBeNull();
    await click('Restart all 2 like this');
    const [sent] = fake.bodiesOf<ISent & { selector: { image_not: string } }>('servers/plans');
    expect(sent.selector.image_not).toBe(NEW);
  });
});
