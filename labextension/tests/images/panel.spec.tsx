import { act, cleanup, fireEvent, render, screen, within } from '@testing-library/react';
import * as React from 'react';

import { ImagesPanel } from '../../src/images/panel';
import { makeHost } from '../host';
import { ADA, FakeRegistry } from './fake-registry';
import { image, MISSING, move, NEXT, NOW, OLD, tag } from './samples';

// A story of several clicks takes its time where other tests run beside it.
jest.setTimeout(30_000);

// jsdom draws nothing and opens no dialog.
Object.defineProperty(globalThis, 'IntersectionObserver', { value: undefined });
HTMLDialogElement.prototype.showModal = function () {
  this.open = true;
};
HTMLDialogElement.prototype.close = function () {
  this.open = false;
};

/** Polls begin by a timer. */
const settle = () => act(() => new Promise<void>(done => setTimeout(done, 50)));

async function show(fake: FakeRegistry, me = ADA) {
  const { api } = fake;
  const open = jest.fn();
  const host = makeHost(api, me, 'lab', { open });
  await act(async () => {
    render(<ImagesPanel host={host} />);
  });
  await settle();
  return { ...host, open };
}

const press = (button: HTMLElement) =>
  act(async () => {
    fireEvent.click(button);
    await new Promise<void>(done => setTimeout(done, 20));
  });
const click = (name: string | RegExp) => press(screen.getByRole('button', { name }));
const dialog = () => within(screen.getByRole('dialog'));
const clickInDialog = (name: string | RegExp) => press(dialog().getByRole('button', { name }));
/** The cross in the corner is called the same. */
const closeDialog = () => press(dialog().getAllByRole('button', { name: 'Close' }).pop()!);
const write = (label: string | RegExp, text: string) =>
  act(async () => {
    fireEvent.change(dialog().getByLabelText(label), { target: { value: text } });
  });
const choose = (name: string) => press(screen.getByLabelText(`Select ${name}`));
const uncheckedNext = (): FakeRegistry => {
  const fake = new FakeRegistry();
  fake.tags = fake.tags.map(row => (row.digest === NEXT ? { ...row, gate: MISSING } : row));
  return fake;
};

describe('images panel', () => {
  afterEach(cleanup);

  it('test_promotion_when_a_reason_is_given_then_plan_digest_and_reason_are_sent', async () => {
    const fake = new FakeRegistry();
    const { traits } = await show(fake);
    await choose('git-42');
    await click('Promote git-42');
    const apply = dialog().getByRole('button', { name: 'Promote git-42' });
    expect(apply.getAttribute('aria-disabled')).toBe('true');
    expect(apply.title).toMatch(/Say why first/);
    await write('Why students get it', ' week 4 ');
    await clickInDialog('Promote git-42');
    expect(fake.bodiesOf('images/promotions')).toEqual([
      { plan_id: traits.get('plan_id'), digest: NEXT, reason: 'week 4', force_reason: '' }
    ]);
    expect(dialog().getByText(/names sha256:2c2c2c2c2c2c since/)).not.toBeNull();
    expect(dialog().getByText(/14 running servers keep another image/)).not.toBeNull();
    await closeDialog();
    expect(traits.get('receipt')).toMatchObject({ title: expect.stringContaining('2c2c2c') });
    expect(screen.getByRole('region', { name: 'What students get' }).textContent).toContain(
      'git-42'
    );
  });

  it('test_gate_when_not_passed_then_refused_until_forced_with_a_reason_that_stays', async () => {
    const fake = uncheckedNext();
    await show(fake);
    await choose('git-42');
    await click('Promote git-42');
    await write('Why students get it', 'week 4');
    const apply = dialog().getByRole('button', { name: 'Promote git-42' });
    expect(apply.getAttribute('aria-disabled')).toBe('true');
    expect(dialog().getByText(/Smoke and canary were not run/)).not.toBeNull();
    await press(apply);
    expect(fake.bodiesOf('images/promotions')).toEqual([]);
    await clickInDialog('Force with a reason');
    await write('Why it may pass its checks', 'only a font');
    await clickInDialog('Promote git-42 past its checks');
    expect(fake.bodiesOf('images/promotions')).toMatchObject([{ force_reason: 'only a font' }]);
    await closeDialog();
    expect(screen.getByText('Promoted past its checks: only a font')).not.toBeNull();
    await press(screen.getByRole('tab', { name: 'Timeline' }));
    expect(screen.getByText(/week 4 · past its checks: only a font/)).not.toBeNull();
  });

  it('test_promotion_when_refused_by_the_server_then_its_words_stand_in_the_dialog', async () => {
    const fake = new FakeRegistry();
    await show(fake);
    await choose('git-42');
    await click('Promote git-42');
    await write('Why students get it', 'week 4');
    fake.refusals.set('POST images/promotions', {
      status: 409,
      title: 'The plan is out of date',
      detail: 'deploy names sha256:0a0a by now: somebody else has moved it.'
    });
    await clickInDialog('Promote git-42');
    expect(dialog().getByRole('alert').textContent).toContain('somebody else has moved it');
    fake.live = OLD;
    fake.refusals.clear();
    await clickInDialog('Plan again');
    expect(dialog().getByText(/instead of sha256:0a0a/)).not.toBeNull();
    expect(fake.bodiesOf('images/plans')).toHaveLength(2);
  });

  it('test_force_when_the_checks_passed_meanwhile_then_nothing_is_forced', async () => {
    const fake = uncheckedNext();
    await show(fake);
    await choose('git-42');
    await click('Promote git-42');
    await write('Why students get it', 'week 4');
    await clickInDialog('Force with a reason');
    await write('Why it may pass its checks', 'only a font');
    const stale = { status: 409, title: 'The plan is out of date', detail: 'It was checked.' };
    fake.refusals.set('POST images/promotions', stale);
    await clickInDialog('Promote git-42 past its checks');
    fake.refusals.clear();
    fake.tags = new FakeRegistry().tags;
    await clickInDialog('Plan again');
    expect(dialog().queryByLabelText('Why it may pass its checks')).toBeNull();
    await clickInDialog('Promote git-42');
    expect(fake.bodiesOf('images/promotions').pop()).toMatchObject({ force_reason: '' });
  });

  it('test_rollback_when_clicked_then_it_names_what_is_there_now_as_expected', async () => {
    const fake = new FakeRegistry();
    await show(fake);
    await click('Roll back to git-40');
    await write('Why it is taken back', 'notebook 3 fails');
    await clickInDialog('Roll back to git-40');
    expect(fake.bodiesOf('images/rollbacks')).toEqual([
      { digest: OLD, expected_digest: NOW, reason: 'notebook 3 fails' }
    ]);
  });

  it('test_rollback_when_somebody_did_it_already_then_the_button_says_who_and_is_off', async () => {
    const fake = new FakeRegistry();
    fake.moves = [
      move(9, NOW, { from_digest: OLD, action: 'roll-back', author: 'marek' }),
      ...fake.moves
    ];
    await show(fake);
    const button = screen.getByRole('button', { name: /^Roll back$/ });
    expect(button.getAttribute('aria-disabled')).toBe('true');
    expect(button.title).toContain(`marek rolled back from ${OLD.slice(0, 19)} on `);
  });

  it('test_rollback_when_parts_are_gone_then_nothing_can_be_sent', async () => {
    const fake = new FakeRegistry();
    fake.gone = [OLD];
    await show(fake);
    await click('Roll back to git-40');
    const apply = dialog().getByRole('button', { name: 'Roll back to git-40' });
    expect(apply.getAttribute('aria-disabled')).toBe('true');
    expect(dialog().queryByLabelText('Why it is taken back')).toBeNull();
  });

  it('test_stale_servers_when_handed_on_then_the_servers_panel_is_asked_for_all_others', async () => {
    const fake = new FakeRegistry();
    const { open } = await show(fake);
    expect(screen.getByText('298 servers run it')).not.toBeNull();
    await click('Restart the 14 on another image');
    expect(open).toHaveBeenCalledWith('servers', `image-not:${NOW}`);
  });

  it('test_stale_servers_when_servers_are_not_open_then_they_are_counted_only', async () => {
    await show(new FakeRegistry(), { ...ADA, areas: ['images'] });
    expect(screen.getByText('14 run another image')).not.toBeNull();
    expect(screen.queryByRole('button', { name: /Restart/ })).toBeNull();
  });

  it('test_details_when_opened_then_checks_and_missing_parts_are_shown', async () => {
    const fake = new FakeRegistry();
    fake.gone = [OLD];
    fake.results = [
      {
        id: '1',
        digest: NEXT,
        check: 'smoke',
        is_passed: false,
        time: '2026-11-25T09:00:00Z',
        author: 'robot',
        detail: 'no module named lightkurve',
        job_id: ''
      }
    ];
    await show(fake);
    await press(screen.getByText('git-42'));
    const details = within(screen.getByRole('complementary'));
    expect(details.getByText('no module named lightkurve')).not.toBeNull();
    expect(details.getByText('smoke failed')).not.toBeNull();
    expect(details.getByRole('alert').textContent).toContain('1 part of it is no more');
  });

  it('test_check_when_recorded_by_hand_then_it_is_kept_with_its_words', async () => {
    const fake = uncheckedNext();
    await show(fake);
    await choose('git-42');
    await click('Record a check');
    await press(dialog().getByLabelText('It passed'));
    await write(/What was checked/, '41 imports');
    await clickInDialog('Record the check');
    expect(fake.bodiesOf(`images/tags/${NEXT}/results`)).toEqual([
      { check: 'smoke', is_passed: true, detail: '41 imports', job_id: '' }
    ]);
    expect(screen.queryByRole('dialog')).toBeNull();
  });

  it('test_name_when_looked_up_then_the_plan_comes_and_an_unknown_one_is_told_in_place', async () => {
    const fake = new FakeRegistry();
    fake.leftOut = 800;
    await show(fake);
    await click('Promote one by its name');
    fake.refusals.set('POST images/plans', {
      status: 404,
      title: 'Not found',
      detail: 'school/notebook has no git-7 at the registry.'
    });
    await write(/Tag, digest/, 'git-7');
    await clickInDialog('Show the plan');
    expect(dialog().getByRole('alert').textContent).toContain('has no git-7');
    fake.refusals.clear();
    await write(/Tag, digest/, 'git-42');
    await clickInDialog('Show the plan');
    expect(dialog().getByText(/Let deploy name sha256:2c2c/)).not.toBeNull();
    expect(screen.getAllByRole('dialog')).toHaveLength(1);
  });

  it('test_registry_when_not_configured_then_the_settings_are_named', async () => {
    const fake = new FakeRegistry();
    fake.refusals.set('GET images', {
      status: 501,
      title: 'A part is missing',
      detail: "The school's image is not set.",
      hint: 'Set ImageRegistry.image to HOST/NAME.'
    });
    await show(fake);
    expect(screen.getByText(/No registry is configured/)).not.toBeNull();
    expect(screen.getByText('ImageRegistry.credential_file')).not.toBeNull();
    expect(screen.queryByRole('toolbar')).toBeNull();
    expect(screen.queryByRole('alert')).toBeNull();
  });

  it('test_packages_when_no_registry_is_configured_then_they_are_there_all_the_same', async () => {
    const fake = new FakeRegistry();
    const missing = { status: 501, title: 'A part is missing', detail: 'The image is not set.' };
    fake.refusals.set('GET images/packages', {
      ...missing,
      detail: "There is no image's source.",
      hint: 'Copy the folder image/ there.'
    });
    fake.refusals.set('GET images', missing);
    await show(fake);
    await press(screen.getByRole('tab', { name: 'Packages' }));
    await settle();
    expect(screen.getByText(/Copy the folder image/)).not.toBeNull();
    expect(screen.queryByText(/No registry is configured/)).toBeNull();
    expect(within(screen.getByRole('toolbar')).queryByRole('button')).toBeNull();
    await press(screen.getByRole('tab', { name: 'Timeline' }));
    expect(screen.getByText(/No registry is configured/)).not.toBeNull();
  });

  it('test_registry_when_it_is_down_then_said_once_and_what_was_seen_last_stays', async () => {
    const fake = new FakeRegistry();
    const { actions } = await show(fake);
    const down = { status: 503, title: 'The image registry does not answer', detail: 'No answer.' };
    fake.refusals.set('GET images', down);
    await act(async () => actions.get('images-refresh')?.execute());
    await settle();
    expect(screen.getAllByText(/The image registry does not answer/)).toHaveLength(1);
    expect(screen.getByText('git-42')).not.toBeNull();
  });

  it('test_timeline_when_moved_elsewhere_then_shown_and_one_can_go_back', async () => {
    const fake = new FakeRegistry();
    fake.moves = [
      move(3, NOW, { action: 'found', author: '', from_digest: NEXT, reason: 'moved outside' }),
      ...fake.moves
    ];
    await show(fake);
    await press(screen.getByRole('tab', { name: 'Timeline' }));
    await press(screen.getByText('as it was found'));
    await press(
      within(screen.getByRole('complementary')).getByRole('button', {
        name: 'Roll back to git-40'
      })
    );
    expect(fake.bodiesOf('images/plans')).toEqual([{ target: OLD }]);
  });

  it('test_names_when_they_hold_markup_or_are_long_then_they_are_only_text', async () => {
    const fake = new FakeRegistry();
    const name = `${'x'.repeat(110)}-the-end`;
    fake.tags = [
      tag(name, NEXT, { image: image(NEXT, { labels: { '<b>': '<img src=x>' } }) }),
      ...fake.tags.slice(1)
    ];
    await show(fake);
    await press(screen.getByText(name.slice(0, -8)));
    expect(screen.getByText('<img src=x>')).not.toBeNull();
    expect(document.querySelector('img')).toBeNull();
  });
});
