/** The roster over people in memory: `?page=roster`, `&state=many|empty|setup|down|import`. */

import * as React from 'react';

import type { IHost } from '../src/panel/host';
import { RosterPanel } from '../src/roster/panel';
import type { Flag, ICell, IImportRequest, IPerson, State } from '../src/roster/types';
import { makeHost } from '../tests/host';
import { ADA, FakeRoster } from '../tests/roster/fake-roster';
import { check, entry, hub, job, person, plan, preview, step } from '../tests/roster/samples';
import { PanelPage } from './page';

const LONG = `${'maria-de-los-angeles-fernandez-garcia'}-1x`;
const MARKUP = '<img src=x onerror=alert(1)>';
const GIVEN = [
  'Ada',
  'Björn',
  'Chiara',
  'Dmitri',
  'Emeka',
  'Fatima',
  'Goran',
  'Hana',
  '李',
  'José'
];
const FAMILY = ['Lovelace', 'Ångström', 'de la Cruz', "O'Neill", 'Müller', 'Nguyễn', 'Smith-Jones'];
const MIX: readonly State[] = ['invited', 'expired', 'absent', 'unlisted', 'left', 'removed'];
const FLAGS: readonly Flag[] = ['renamed', 'still_running', 'two_logins', 'wrong_team'];
const DAY_MS = 86_400_000;

function ago(days: number): string {
  return new Date(Date.now() - days * DAY_MS).toISOString();
}

function makePeople(count: number): IPerson[] {
  return Array.from({ length: count }, (_, index) => {
    const state = index % 6 === 5 ? MIX[Math.floor(index / 6) % MIX.length] : 'active';
    const given = GIVEN[index % GIVEN.length];
    const family = FAMILY[Math.floor(index / GIVEN.length) % FAMILY.length];
    const isNew = index % 13 === 4;
    const flags: Flag[] =
      state === 'active' && isNew
        ? ['never_logged_in']
        : index % 41 === 7
          ? [FLAGS[index % FLAGS.length]]
          : [];
    return person(`student-${index}`, {
      key: `k${index}`,
      name: `${given} ${family}`,
      state,
      flags,
      since: ago((index % 60) / 4),
      days_left: state === 'invited' ? ((index * 7) % 68) / 10 : null,
      team: index % 25 === 3 ? 'tas' : 'participants',
      hub:
        state !== 'active' || isNew
          ? null
          : hub({
              servers: index % 3 === 0 ? [''] : [],
              last_activity: ago((index % 30) / 3),
              tokens: index % 3
            })
    });
  });
}

function fill(roster: FakeRoster, count: number): void {
  const odd: IPerson[] = [
    person(LONG, {
      key: 'long',
      name: 'María de los Ángeles Fernández García de la Torre y Castillo',
      email: 'maria.de.los.angeles.fernandez.garcia@a-very-long-department.example.org',
      note: 'Arrives on Tuesday; needs a seat near the door <b>please</b>',
      flags: ['renamed', 'two_logins']
    }),
    person('markup', { key: 'markup', name: MARKUP, note: MARKUP, state: 'invited' }),
    person('typo-jnae', {
      key: 'typo',
      name: 'Jane Doe',
      state: 'unknown',
      github_id: null,
      detail: 'GitHub knows no user typo-jnae'
    }),
    person('', { key: 'mail', email: 'only-an-address@example.org', state: 'queued' }),
    person('no-name', { key: 'noname', state: 'failed', detail: 'The address does not exist' }),
    person('ada', {
      key: 'self',
      name: 'Ada Lovelace',
      team: 'admins',
      is_self: true,
      is_owner: true
    })
  ];
  roster.people = [...odd, ...makePeople(count)];
  roster.teams = ['participants', 'tas', 'admins'];
  roster.asOf = new Date(Date.now() - 42_000);
  roster.entries = Array.from({ length: 40 }, (_, index) => ({
    id: `e${index}`,
    time: ago(index / 7),
    user: index % 3 ? 'ada' : LONG,
    action: index % 4 ? 'Invite 43, add 12' : 'update a roster entry',
    target: index % 4 ? 'participants' : 'student-5',
    result: index % 9 === 4 ? 'failed' : 'done',
    detail: index % 4 ? 'people.csv' : 'email',
    permission: 'roster.teams:change',
    plan_id: 'ab12',
    before: '',
    after: '',
    undo: null,
    server: '',
    area: 'roster'
  })) as unknown as FakeRoster['entries'];
}

const MESSY: ICell[] = [
  {
    row: 17,
    column: 'GitHub username',
    value: 'jnae doe',
    message: 'A login has no blanks.',
    suggestion: 'jnae-doe'
  },
  {
    row: 23,
    column: 'E-Mail',
    value: 'tom(at)example',
    message: 'This is no e-mail address.',
    suggestion: ''
  },
  {
    row: 101,
    column: 'GitHub username',
    value: 'https://gitlab.com/somebody',
    message: 'This is a page at gitlab.com, not at GitHub.',
    suggestion: ''
  },
  {
    row: 101,
    column: 'Team',
    value: MARKUP,
    message: 'The school has no such team.',
    suggestion: 'participants'
  },
  {
    row: 240,
    column: 'GitHub username',
    value: LONG + LONG,
    message: 'A login has at most 39 characters; this has 78.',
    suggestion: LONG
  }
];

function read(request: IImportRequest): ReturnType<typeof preview> {
  const corrected = new Set(request.corrections.map(({ row }) => row));
  const skipped = new Set(request.skip);
  const problems = MESSY.filter(({ row }) => !corrected.has(row) && !skipped.has(row));
  const bad = new Set(problems.map(({ row }) => row));
  const rows = Array.from({ length: 350 }, (_, index) => index + 2);
  return preview({
    filename: request.filename,
    format: request.filename.split('.').pop() || 'text',
    rows: 350,
    columns: [
      {
        index: 0,
        title: 'Zeitstempel',
        field: '',
        samples: ['2026-11-01 10:12', '2026-11-01 11:40']
      },
      {
        index: 1,
        title: 'Vor- und Nachname',
        field: 'name',
        samples: ['Jane Doe', 'Müller, Jörg', MARKUP]
      },
      {
        index: 2,
        title: 'E-Mail',
        field: 'email',
        samples: ['jane@example.org', 'JOERG@EXAMPLE.ORG']
      },
      {
        index: 3,
        title: 'GitHub username',
        field: 'login',
        samples: ['@jane-doe', 'https://github.com/x', LONG]
      },
      { index: 4, title: 'Team', field: 'team', samples: ['Participants'] },
      { index: 5, title: '', field: '', samples: [] }
    ].map(column => ({
      ...column,
      field: request.mapping?.[column.index] ?? column.field
    })) as ReturnType<typeof preview>['columns'],
    problems,
    readings: Array.from({ length: 41 }, (_, index) => ({
      row: index * 3 + 2,
      column: 'GitHub username',
      value: `https://github.com/student-${index}`,
      message: 'the login in the address',
      suggestion: `student-${index}`
    })),
    entries: rows
      .filter(row => !bad.has(row) && !skipped.has(row))
      .map(row =>
        entry(`student-${row}`, { row, name: `Student ${row}`, email: `s${row}@example.org` })
      )
  });
}

function makeRoster(state: string): FakeRoster {
  const roster = new FakeRoster();
  roster.read = read;
  roster.plan = request => {
    const isTaken = request.entries.some(({ login }) => login === 'jane-doe');
    const steps = request.entries.map(({ login, name, row, email }, index) =>
      index === 3 && !isTaken
        ? step('unknown', login || 'jnae', {
            name,
            row,
            reason: 'GitHub knows no such user',
            suggestions: ['jane-doe', 'jane-d', LONG]
          })
        : index % 9 === 1
          ? step('add', login, { name, row, reason: 'Member of the organization already' })
          : index % 9 === 2
            ? step('pending', login, {
                name,
                row,
                days_left: 2.3,
                reason: 'Invited on 20 November'
              })
            : index % 9 === 3
              ? step('none', login, { name, row })
              : index % 9 === 4
                ? step('expired', login, { name, row, reason: 'Invitation expired on 19 November' })
                : step('invite', login, { name, row, email })
    );
    const removed = request.is_whole_team
      ? Array.from({ length: 14 }, (_, index) =>
          step('remove', `gone-${index}`, { reason: 'Not on the list', name: `Gone ${index}` })
        )
      : request.removals.map(login => step('remove', login, { reason: 'Asked for' }));
    const all = [...steps, ...removed];
    const invited = all.filter(one => ['invite', 'expired'].includes(one.action)).length;
    return plan(all, {
      id: `p${all.length}${String(isTaken)}${String(request.is_whole_team)}`,
      title: `Bring ${request.entries.length} people of ${request.source || 'the roster'} into ${request.team}`,
      warnings: removed.length > 1 ? [`${removed.length} people lose their access.`] : [],
      confirm_number: removed.length > 1 ? removed.length : null,
      queued: Math.max(0, invited - 43),
      budget: { limit: 50, used: 7, free_at: new Date(Date.now() + DAY_MS).toISOString() }
    });
  };
  if (state !== 'empty' && state !== 'setup') {
    fill(roster, state === 'many' ? 2000 : 340);
  }
  if (state === 'jobs') {
    roster.jobs = [
      job('one', { title: 'Participants: invite 43, add 12' }),
      job('two', {
        title: 'Participants: invite 300',
        state: 'succeeded',
        ended: new Date().toISOString(),
        receipt: {
          title: '50 invited, 250 wait until tomorrow',
          items: Array.from({ length: 300 }, (_, index) => ({
            target: `student-${index}`,
            action: 'invite',
            result: index < 50 ? 'done' : 'skipped',
            detail: index < 50 ? '' : 'waits for tomorrow’s budget'
          })),
          undo: { title: 'Take back 50 invitations', method: 'POST', path: 'roster/x', body: {} }
        }
      })
    ];
  }
  if (state === 'setup' || state === 'missing') {
    roster.setup = {
      credential: state === 'setup' ? 'none' : 'app',
      organization: 'summer-school',
      checks: [
        check('credential', state === 'setup' ? 'missing' : 'ok', {
          title: 'A GitHub App or a token is there',
          detail: 'No file /home/admin/.growth-admin/secrets/github was found.',
          hint: 'Create a GitHub App with “Organization permissions → Members: Read and write”, install it, and put its key into that file; or a fine-grained token with the same permission.',
          link: 'https://github.com/organizations/summer-school/settings/apps/new'
        }),
        check('members', state === 'setup' ? 'unknown' : 'missing', {
          title: 'It may change members',
          detail: 'GitHub answered 403 and asks for members=write (X-Accepted-GitHub-Permissions).',
          hint: 'In the app’s settings: Permissions & events → Organization permissions → Members: Read and write; then accept it in the organization.',
          link: 'https://github.com/organizations/summer-school/settings/installations'
        }),
        check('oauth', 'warning', {
          title: 'The hub’s OAuth app is approved in the organization',
          detail: 'It cannot be asked from here; the last login of a private member succeeded.',
          hint: 'Third-party access → approve the app of your hub.',
          link: 'https://github.com/organizations/summer-school/settings/oauth_application_policy'
        }),
        check('teams', 'ok', { title: 'The teams exist', detail: 'participants, tas, admins' })
      ]
    };
  }
  if (state === 'down') {
    roster.refused = 'roster/people';
    roster.refusal = {
      status: 503,
      title: 'GitHub did not answer',
      detail: 'api.github.com did not answer within 10 s.',
      hint: 'Wait a minute; what was started goes on by itself. See githubstatus.com.'
    };
  }
  if (state === 'part') {
    roster.problems = ['The hub did not answer: nobody’s servers and tokens are shown.'];
  }
  return roster;
}

export function RosterPage({
  state,
  place
}: {
  state: string;
  place: IHost['place'];
}): JSX.Element {
  const host = React.useMemo(() => makeHost(makeRoster(state).api, ADA, place), [state, place]);
  return (
    <PanelPage place={place}>
      <RosterPanel host={host} />
    </PanelPage>
  );
}
