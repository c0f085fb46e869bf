import { mailLinks, draftOf } from '../../src/roster/dialogs/mail';
import { fieldOf, letterOf } from '../../src/roster/intake/draft';
import { notOnList, spellReady } from '../../src/roster/intake/words';
import { chipsOf } from '../../src/roster/people/columns';
import { entriesOf } from '../../src/roster/people/history';
import { removalOf, requestFor, withLogin } from '../../src/roster/planning';
import { statusOf } from '../../src/roster/status';
import { hubOf, labelOf, spellBudget, spellLeft, stateOf } from '../../src/roster/words';
import type { IAuditEntry } from '../../src/api/types';
import { chipRows } from '../../src/ui/table/columns';
import { entry, hub, person, plan, preview, step } from './samples';

describe('words about one person', () => {
  it('test_invited_when_days_are_left_then_they_are_counted_and_the_end_warns', () => {
    expect(stateOf(person('a', { state: 'invited', days_left: 3.4 }))).toMatchObject({
      tone: 'info',
      word: 'invited, 3 d left'
    });
    expect(stateOf(person('a', { state: 'invited', days_left: 0.22 }))).toMatchObject({
      tone: 'warn',
      word: 'invited, 5 h left'
    });
    expect(spellLeft(-1)).toBe('ends now');
  });

  it('test_hub_when_it_was_not_asked_then_nothing_is_claimed', () => {
    expect(hubOf(person('a', { hub: null }))).toBe('');
    expect(hubOf(person('a', { hub: null, flags: ['never_logged_in'] }))).toBe('never logged in');
    expect(hubOf(person('a', { hub: hub({ servers: [''] }) }))).toBe('running');
    expect(hubOf(person('a', { hub: hub({ servers: ['', 'x'] }) }))).toBe('2 running');
    expect(hubOf(person('a', { hub: hub({ last_activity: null }) }))).toBe('never logged in');
  });

  it('test_history_when_somebody_is_named_inside_a_longer_login_then_it_is_not_theirs', () => {
    const of = (target: string, detail = ''): IAuditEntry =>
      ({ target, detail, action: '', before: '', after: '' }) as IAuditEntry;
    const jane = person('jane', { email: 'j@example.org' });
    const found = entriesOf(
      [of('jane'), of('jane-doe'), of('x', 'invited jane, tom.'), of('J@example.org')],
      jane
    );
    expect(found.map(({ target }) => target)).toEqual(['jane', 'x', 'J@example.org']);
  });
});

describe('words about many', () => {
  it('test_sidebar_when_invitations_expired_then_it_says_so_and_warns', () => {
    expect(statusOf({ active: 312, expired: 7 })).toEqual({
      text: '312 active · 7 expired',
      tone: 'warn'
    });
    expect(statusOf({ active: 3, invited: 2, queued: 1 })).toEqual({
      text: '3 active · 3 invited',
      tone: undefined
    });
    expect(statusOf({})).toEqual({ text: 'nobody yet' });
  });

  it('test_chips_when_of_two_groups_then_they_narrow_each_other', () => {
    const people = [
      person('a'),
      person('b', { state: 'expired' }),
      person('c', { state: 'expired', team: 'tas' }),
      person('d', { state: 'left', team: 'tas' })
    ];
    const chips = chipsOf(people, ['participants', 'tas']);
    const kept = (pressed: string[]): string[] =>
      chipRows(people, chips, pressed).map(({ login }) => login);
    expect(kept(['expired', 'left'])).toEqual(['b', 'c', 'd']);
    expect(kept(['expired', 'left', 'team:tas'])).toEqual(['c', 'd']);
    expect(chips.map(({ id }) => id)).not.toContain('blocked');
  });

  it('test_mail_when_readers_do_not_fit_into_one_link_then_there_are_several', () => {
    const emails = Array.from({ length: 120 }, (_, index) => `somebody-${index}@example.org`);
    const links = mailLinks(emails, draftOf('school', 'https://github.com/orgs/school/invitation'));
    expect(links.length).toBeGreaterThan(1);
    links.forEach(link => expect(link.length).toBeLessThanOrEqual(1900));
    const readers = links.flatMap(link => link.split('&bcc=')[1].split(','));
    expect(readers.map(decodeURIComponent)).toEqual(emails);
  });
});

describe('plans', () => {
  it('test_label_when_a_plan_changes_many_then_it_repeats_verbs_and_numbers', () => {
    const steps = [
      ...Array.from({ length: 43 }, (_, i) => step('invite', `i${i}`)),
      ...Array.from({ length: 12 }, (_, i) => step('add', `a${i}`)),
      step('none', 'n')
    ];
    expect(labelOf(plan(steps))).toBe('Invite 43, add 12');
    expect(labelOf(plan([step('expired', 'jane')]))).toBe('Re-invite jane');
    expect(labelOf(plan([step('none', 'n')]))).toBe('Change nothing');
  });

  it('test_budget_when_the_day_is_full_then_it_says_how_many_wait', () => {
    const steps = Array.from({ length: 300 }, (_, i) => step('invite', `i${i}`));
    const said = spellBudget(
      plan(steps, { queued: 250, budget: { limit: 50, used: 0, free_at: null } })
    );
    expect(said).toContain('0 of 50 invitations used');
    expect(said).toContain('50 of these go now, 250 wait');
    expect(spellBudget(plan([step('remove', 'x')]))).toBe('');
  });

  it('test_request_when_people_are_of_several_teams_then_each_keeps_the_own_one', () => {
    const people = [person('a'), person('b', { team: 'tas' })];
    expect(requestFor(people)).toMatchObject({
      team: 'participants',
      entries: [
        { login: 'a', team: 'participants' },
        { login: 'b', team: 'tas' }
      ]
    });
    expect(requestFor(people, 'admins')).toMatchObject({
      team: 'admins',
      entries: [{ team: '' }, { team: '' }]
    });
    expect(removalOf([person('', { email: 'x@example.org' })], 'tas').removals).toEqual([
      'x@example.org'
    ]);
  });

  it('test_suggestion_when_taken_then_only_that_row_gets_the_login_and_loses_the_number', () => {
    const request = {
      ...requestFor([]),
      team: 't',
      entries: [entry('jnae', { row: 2, github_id: 5 }), entry('jnae', { row: 3 })]
    };
    const next = withLogin(request, { row: 3, login: 'jnae' }, 'jane');
    expect(next.entries.map(({ login }) => login)).toEqual(['jnae', 'jane']);
    const byLogin = withLogin(
      { ...request, entries: [entry('Typo', { github_id: 5 })] },
      { row: 0, login: 'typo' },
      'jane'
    );
    expect(byLogin.entries[0]).toMatchObject({ login: 'jane', github_id: null });
  });
});

describe('lists', () => {
  it('test_button_when_rows_are_left_out_then_it_says_how_many_go_ahead', () => {
    expect(spellReady(preview())).toBe('Plan 2 people');
    const cell = { row: 17, column: '', value: '', message: '', suggestion: '' };
    const messy = preview({ rows: 350, problems: [cell, { ...cell, column: 'B' }] });
    expect(spellReady(messy, [4])).toBe('Go ahead with 348 of 350 rows');
    expect(spellReady(preview({ rows: 3 }))).toBe('Plan 2 people'); // one of them stands twice
  });

  it('test_letter_when_beyond_z_then_as_in_a_spreadsheet', () => {
    expect([0, 25, 26, 701, 702].map(letterOf)).toEqual(['A', 'Z', 'AA', 'ZZ', 'AAA']);
  });

  it('test_field_when_two_columns_have_one_title_then_the_used_one_is_meant', () => {
    const columns = preview().columns.map(column => ({ ...column, title: 'X' }));
    const cell = { row: 2, column: 'X', value: '', message: '', suggestion: '' };
    expect(fieldOf(cell, [columns[2], columns[1]])).toBe('login');
    expect(fieldOf({ ...cell, column: 'C' }, preview().columns)).toBe('');
    expect(fieldOf({ ...cell, column: 'nowhere' }, columns)).toBe('');
    expect(fieldOf({ ...cell, column: 'email' }, columns)).toBe('email');
  });

  it('test_whole_team_when_the_list_names_somebody_by_another_spelling_then_they_stay', () => {
    const people = [
      person('Jane'),
      person('renamed', { github_id: 77 }),
      person('', { key: 'm', email: 'M@example.org', state: 'invited' }),
      person('gone'),
      person('ta', { team: 'tas' }),
      person('left', { state: 'left' })
    ];
    const list = [
      entry('jANE'),
      entry('old-name', { github_id: 77 }),
      entry('', { email: 'm@Example.org' })
    ];
    const others = notOnList(people, 'participants', list).map(({ login }) => login);
    expect(others).toEqual(['gone']);
  });
});
