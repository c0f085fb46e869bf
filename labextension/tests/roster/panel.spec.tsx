import { act, cleanup, fireEvent, render, screen, within } from '@testing-library/react';
import * as React from 'react';

import type { IHost } from '../../src/panel/host';
import { ROSTER_COMMANDS } from '../../src/roster/commands';
import { RosterPanel } from '../../src/roster/panel';
import type { IPlanRequest } from '../../src/roster/types';
import { makeHost } from '../host';
import { ADA, FakeRoster } from './fake-roster';
import { check, job, person, plan, preview, step } from './samples';

// jsdom draws nothing, so nothing could ever be on the screen; it has no modal dialogs either.
Object.defineProperty(globalThis, 'IntersectionObserver', { value: undefined });
HTMLDialogElement.prototype.showModal = function (): void {
  this.setAttribute('open', '');
};
HTMLDialogElement.prototype.close = function (): void {
  this.removeAttribute('open');
};

async function show(roster: FakeRoster, me = ADA): Promise<{ host: IHost }> {
  const host = makeHost(roster.api, me);
  await act(async () => {
    render(<RosterPanel host={host} />);
  });
  await settle();
  return { host };
}

/** Let answers arrive. */
async function settle(): Promise<void> {
  await act(async () => {
    await new Promise(done => setTimeout(done, 20));
  });
}

async function click(name: string | RegExp, inside?: HTMLElement): Promise<void> {
  await act(async () => {
    fireEvent.click((inside ? within(inside) : screen).getByRole('button', { name }));
  });
  await settle();
}

async function type(label: string | RegExp, value: string): Promise<HTMLElement> {
  const box = screen.getByLabelText(label);
  await act(async () => {
    fireEvent.change(box, { target: { value } });
  });
  return box;
}

function filled(): FakeRoster {
  const roster = new FakeRoster();
  roster.people = [
    person('jane', { name: 'Jane Doe' }),
    person('tom', { name: 'Tom', state: 'invited' }),
    person('eve', { name: 'Eve', state: 'expired' }),
    person('sam', { name: 'Sam', state: 'expired', team: 'tas', email: '' }),
    person('bot', { name: '<b>Bot</b>', state: 'unlisted', flags: ['two_logins'] })
  ];
  return roster;
}

const copied: string[] = [];
Object.assign(navigator, { clipboard: { writeText: async (text: string) => copied.push(text) } });

afterEach(cleanup);

describe('people', () => {
  it('test_table_when_shown_then_states_have_words_and_chips_count_them', async () => {
    await show(filled());
    const grid = screen.getByRole('grid', { name: 'People' });
    expect(within(grid).getByText('invited, 3 d left')).toBeTruthy();
    expect(within(grid).getByText('<b>Bot</b>')).toBeTruthy();
    await click(/2 expired/, screen.getByRole('group', { name: 'Show only' }));
    expect(within(grid).queryByText('Jane Doe')).toBeNull();
    await click(/1 tas/, screen.getByRole('group', { name: 'Show only' }));
    expect(within(grid).queryByText('Eve')).toBeNull();
    expect(within(grid).getByText('Sam')).toBeTruthy();
  });

  it('test_expired_when_reinvited_then_each_keeps_the_team_and_the_plan_comes_first', async () => {
    const roster = filled();
    roster.plan = () => plan([step('expired', 'eve'), step('expired', 'sam')], { id: 'p7' });
    const { host } = await show(roster);
    await click('Re-invite 2 expired');
    expect(roster.bodyOf<IPlanRequest>('roster/plans').entries).toMatchObject([
      { login: 'eve', team: 'participants' },
      { login: 'sam', team: 'tas' }
    ]);
    expect(roster.requests('POST')).toEqual(['POST roster/plans']);
    await click('Re-invite 2', screen.getByRole('dialog'));
    expect(roster.bodyOf('roster/applications')).toMatchObject({
      plan_id: 'p7',
      confirm_number: null
    });
    expect(host.traits.get('job_id')).toBe('job-1');
  });

  it('test_emails_when_copied_then_those_who_have_not_accepted_are_meant', async () => {
    await show(filled());
    copied.length = 0;
    await click('Copy 2 e-mail addresses');
    expect(copied).toEqual(['tom@example.org, eve@example.org']);
    await click('Copy accept link');
    expect(copied[1]).toBe('https://github.com/orgs/summer-school/invitation');
  });

  it('test_commands_when_the_panel_is_open_then_each_one_has_an_action', async () => {
    const { host } = await show(filled());
    const known = ROSTER_COMMANDS.filter(({ id }) => host.actions.get(id));
    expect(known).toHaveLength(ROSTER_COMMANDS.length);
    expect(host.actions.get('roster-offboard')?.isEnabled).toBe(false);
  });

  it('test_selection_when_of_two_teams_then_removing_asks_for_one', async () => {
    const { host } = await show(filled());
    await act(async () => host.traits.set('selection', ['k-eve', 'k-sam']));
    expect(host.actions.get('roster-remove')).toMatchObject({
      isEnabled: false,
      reason: 'Select people of one team: these are of participants and tas'
    });
    await act(async () => host.traits.set('selection', ['k-eve', 'k-jane']));
    expect(host.actions.get('roster-remove')?.label).toBe('Remove 2 people from participants');
    expect(host.actions.get('roster-invite')?.label).toBe('Re-invite Eve');
  });

  it('test_entry_when_put_right_then_only_what_changed_is_sent', async () => {
    const roster = filled();
    await show(roster);
    fireEvent.click(screen.getByText('Jane Doe'));
    await settle();
    await type('E-mail', ' new@example.org ');
    await click('Save E-mail');
    expect(roster.bodyOf('roster/people/k-jane')).toEqual({ email: 'new@example.org' });
    expect(screen.getByText(/jane---1a2b3c4d/)).toBeTruthy();
  });

  it('test_entry_when_refused_then_what_was_typed_stays', async () => {
    const roster = filled();
    await show(roster);
    fireEvent.click(screen.getByText('Jane Doe'));
    await settle();
    roster.refused = 'roster/people/';
    roster.refusal = { status: 400, title: 'No such login', hint: 'Look at the spelling.' };
    const box = await type('GitHub login', 'jnae');
    await click('Save GitHub login');
    expect(screen.getByText('Look at the spelling.')).toBeTruthy();
    expect((box as HTMLInputElement).value).toBe('jnae');
  });

  it('test_move_when_chosen_then_the_plan_is_for_the_other_team', async () => {
    const roster = filled();
    const { host } = await show(roster);
    await act(async () => host.traits.set('selection', ['k-jane']));
    await act(async () => host.actions.get('roster-move')?.execute());
    await click('Plan the move to tas');
    expect(roster.bodyOf('roster/plans')).toMatchObject({
      team: 'tas',
      entries: [{ login: 'jane', team: '' }]
    });
  });

  it('test_offboarding_when_the_home_goes_then_the_number_must_be_typed', async () => {
    const roster = filled();
    const { host } = await show(roster);
    await act(async () => host.traits.set('selection', ['k-jane']));
    await act(async () => host.actions.get('roster-offboard')?.execute());
    fireEvent.click(screen.getByLabelText(/Delete the home folder/));
    await click('Show the plan');
    expect(roster.bodyOf('roster/offboardings/plans')).toEqual({
      key: 'k-jane',
      home: 'delete',
      leaves_organization: false
    });
    await click('Offboard Jane Doe', screen.getByRole('dialog'));
    expect(roster.requests('POST')).not.toContain('POST roster/offboardings');
    await type(/Type/, '1');
    await click('Offboard Jane Doe', screen.getByRole('dialog'));
    expect(roster.bodyOf('roster/offboardings')).toMatchObject({
      plan_id: 'off-delete',
      confirm_number: 1
    });
  });

  it('test_reminder_when_drafted_then_everybody_is_in_blind_copy', async () => {
    const { host } = await show(filled());
    await act(async () => host.traits.set('selection', ['k-tom']));
    await act(async () => host.actions.get('roster-remind')?.execute());
    const link = screen.getByRole('link', { name: 'Open a mail draft' }).getAttribute('href');
    expect(link).toContain('&bcc=tom%40example.org');
    expect(link).toContain(encodeURIComponent('https://github.com/orgs/summer-school/invitation'));
  });

  it('test_refresh_when_clicked_then_github_is_asked_and_its_age_is_shown', async () => {
    const roster = filled();
    roster.asOf = new Date(Date.now() - 600_000);
    await show(roster);
    expect(screen.getByText('10 min ago')).toBeTruthy();
    await click('Refresh');
    const queries = roster.asked.filter(({ path }) => path === 'roster/people');
    expect(queries.map(({ query }) => query)).toEqual(['', '?is_fresh=true']);
  });

  it('test_job_when_it_ends_then_github_is_asked_again', async () => {
    const roster = filled();
    roster.jobs = [job('one')];
    await show(roster);
    expect(screen.getByRole('article', { name: 'Participants: invite 2' })).toBeTruthy();
    roster.jobs = [
      job('one', {
        state: 'succeeded',
        ended: new Date().toISOString(),
        receipt: { title: '2 invited', items: [] }
      })
    ];
    const before = roster.asked.length;
    await act(async () => new Promise(done => setTimeout(done, 3300)));
    const later = roster.asked.slice(before).map(({ path, query }) => path + query);
    expect(later).toContain('roster/people?is_fresh=true');
    expect(screen.getByText('2 invited')).toBeTruthy();
  });
});

describe('the import', () => {
  const MESSY = {
    row: 17,
    column: 'GitHub',
    value: 'jnae doe',
    message: 'A login has no blanks.',
    suggestion: 'jane-doe'
  };

  async function read(roster: FakeRoster): Promise<{ host: IHost }> {
    const shown = await show(roster);
    await click('Import people');
    await type(/Or paste/, 'jane\ntom');
    await click('Read the pasted list');
    return shown;
  }

  it('test_list_when_messy_then_it_is_put_right_in_place_and_nothing_happens_before_the_plan', async () => {
    const roster = filled();
    roster.read = ({ corrections }) =>
      preview({ problems: corrections.length > 0 ? [] : [MESSY], rows: 3 });
    await read(roster);
    expect(screen.getByText('A login has no blanks.')).toBeTruthy();
    expect(screen.getByRole('button', { name: 'Go ahead with 2 of 3 rows' })).toBeTruthy();
    const box = await type('GitHub of row 17', 'jane-d');
    await act(async () => {
      fireEvent.keyDown(box, { key: 'Enter' });
    });
    await settle();
    expect(roster.bodyOf('roster/imports')).toMatchObject({
      corrections: [{ row: 17, field: 'login', value: 'jane-d' }]
    });
    expect(screen.getByRole('button', { name: '1 cell put right by you' })).toBeTruthy();
    await click('Plan 2 people');
    expect(roster.requests('POST')).toEqual([
      'POST roster/imports',
      'POST roster/imports',
      'POST roster/plans'
    ]);
    await click('Invite 2');
    expect(roster.requests('POST').pop()).toBe('POST roster/applications');
  });

  it('test_suggestion_when_clicked_then_it_is_the_correction', async () => {
    const roster = filled();
    roster.read = () => preview({ problems: [MESSY] });
    await read(roster);
    await click('Use jane-doe');
    expect(roster.bodyOf('roster/imports')).toMatchObject({
      corrections: [{ row: 17, field: 'login', value: 'jane-doe' }]
    });
    await click('Leave out row 17');
    expect(roster.bodyOf('roster/imports')).toMatchObject({ skip: [17] });
  });

  it('test_whole_team_when_chosen_then_it_is_planned_anew_and_the_number_is_typed', async () => {
    const roster = filled();
    roster.plan = ({ entries, is_whole_team }) =>
      plan(
        [
          ...entries.map(({ login }) => step('none', login)),
          ...(is_whole_team ? ['eve', 'bot'].map(login => step('remove', login)) : [])
        ],
        { id: `p-${String(is_whole_team)}`, confirm_number: is_whole_team ? 2 : null }
      );
    await read(roster);
    await click('Plan 2 people');
    expect(screen.getByText('Nothing would change.')).toBeTruthy();
    fireEvent.click(screen.getByLabelText(/This is the whole team/));
    await settle();
    expect(roster.bodyOf('roster/plans')).toMatchObject({ is_whole_team: true });
    await click('Remove 2');
    expect(roster.requests('POST')).not.toContain('POST roster/applications');
    await type(/Type/, '2');
    await click('Remove 2');
    expect(roster.bodyOf('roster/applications')).toMatchObject({
      is_whole_team: true,
      confirm_number: 2,
      plan_id: 'p-true'
    });
  });

  it('test_unknown_when_a_suggestion_is_taken_then_it_is_planned_with_it', async () => {
    const roster = filled();
    roster.plan = ({ entries }) =>
      plan(
        entries.map(({ login, row }) =>
          login === 'tom'
            ? step('unknown', login, { row, suggestions: ['thomas'] })
            : step('invite', login, { row })
        ),
        { id: entries.map(({ login }) => login).join() }
      );
    await read(roster);
    await click('Plan 2 people');
    await click('Take thomas');
    expect(roster.bodyOf<IPlanRequest>('roster/plans').entries[1].login).toBe('thomas');
    await click('Invite 2');
    expect(roster.bodyOf('roster/applications')).toMatchObject({ plan_id: 'jane,thomas' });
  });

  it('test_import_when_closed_by_mistake_then_the_list_is_still_there', async () => {
    const roster = filled();
    await read(roster);
    await click('Close the import');
    await click('Import people');
    expect(screen.getByRole('button', { name: 'Plan 2 people' })).toBeTruthy();
  });

  it('test_plan_when_refused_then_it_says_why_and_can_be_tried_again', async () => {
    const roster = filled();
    roster.plan = () => ({ status: 503, title: 'GitHub did not answer', hint: 'Wait.' });
    await read(roster);
    await click('Plan 2 people');
    expect(screen.getByText(/GitHub did not answer/)).toBeTruthy();
    roster.plan = () => plan([step('invite', 'jane')]);
    await click('Try again');
    expect(screen.getByRole('button', { name: 'Invite jane' })).toBeTruthy();
  });
});

describe('setup and history', () => {
  it('test_setup_when_there_is_no_credential_then_the_checklist_stands_in_front', async () => {
    const roster = new FakeRoster();
    roster.setup = {
      credential: 'none',
      organization: 'summer-school',
      checks: [
        check('one', 'missing', {
          title: 'A token is there',
          hint: 'Put it into the file.',
          link: 'javascript:alert(1)'
        })
      ]
    };
    await show(roster);
    expect(screen.getByText('Put it into the file.')).toBeTruthy();
    expect(screen.queryByRole('button', { name: 'Open the page at GitHub' })).toBeNull();
    expect(screen.queryByRole('button', { name: 'Import people' })).toBeNull();
  });

  it('test_setup_when_the_server_said_so_before_it_is_tried_then_people_do_not_flash_up', async () => {
    const roster = filled();
    roster.refused = 'roster/setup';
    roster.refusal = { status: 503, title: 'not yet' };
    const missing = [{ area: 'roster', what: 'There is no credential for GitHub.', hint: '' }];
    await show(roster, { ...ADA, missing });
    expect(screen.queryByRole('button', { name: 'Import people' })).toBeNull();
  });

  it('test_setup_when_a_step_is_missing_then_the_people_say_so', async () => {
    const roster = filled();
    roster.setup.checks = [check('one', 'ok'), check('members', 'missing')];
    await show(roster);
    expect(screen.getByText(/1 step of the setup is missing: Step members/)).toBeTruthy();
    await click('Show the setup');
    expect(screen.getByText('1 of 2 steps done')).toBeTruthy();
  });

  it('test_people_when_nobody_is_there_or_github_is_away_then_it_says_what_to_do', async () => {
    const roster = new FakeRoster();
    await show(roster);
    expect(screen.getByText(/Nobody is in the roster of summer-school yet/)).toBeTruthy();
    roster.refused = 'roster/people';
    roster.refusal = { status: 503, title: 'GitHub did not answer', hint: 'Wait a minute.' };
    await click('Refresh');
    expect(screen.getByText('Wait a minute.')).toBeTruthy();
    expect(screen.getByText(/Nobody is in the roster/)).toBeTruthy();
  });

  it('test_history_when_shown_then_only_this_area_is_asked', async () => {
    const roster = filled();
    await show(roster);
    await act(async () => {
      fireEvent.click(screen.getByRole('tab', { name: 'History' }));
    });
    await settle();
    expect(screen.getByText('Nothing was changed in the roster yet.')).toBeTruthy();
    expect(roster.asked.find(({ path }) => path === 'audit/entries')?.query).toContain(
      'area=roster'
    );
  });
});
