import * as React from 'react';

import { MiddleText } from '../../ui/middle-text';
import { StateBadge } from '../../ui/state-badge';
import type { IChip, IColumn } from '../../ui/table/columns';
import { RelativeTime } from '../../ui/time';
import type { IPerson, State } from '../types';
import { callOf, FLAGS, hubOf, STATE_NAMES, stateOf, STATES } from '../words';

/** Chips that stay although nobody is so: their 0 is worth reading. */
const ALWAYS: readonly State[] = ['active', 'invited', 'expired'];

export const keyOf = (person: IPerson): string => person.key;

export const COLUMNS: readonly IColumn<IPerson>[] = [
  {
    id: 'name',
    label: 'Name',
    value: person => person.name,
    render: person => <Name person={person} />,
    width: 140,
    grow: 2
  },
  {
    id: 'login',
    label: 'Login',
    kind: 'name',
    value: person => person.login,
    width: 110,
    grow: 1.2,
    priority: 1
  },
  {
    id: 'state',
    label: 'State',
    value: person => stateOf(person).word,
    render: person => <StateBadge {...stateOf(person)} />,
    width: 154,
    grow: 0.2
  },
  {
    id: 'hub',
    label: 'At the hub',
    value: hubOf,
    render: person => <AtHub person={person} />,
    width: 148,
    grow: 0.2,
    priority: 3
  },
  {
    id: 'team',
    label: 'Team',
    value: person => person.team,
    width: 96,
    grow: 0.5,
    priority: 4
  },
  {
    id: 'flags',
    label: 'To look at',
    value: person =>
      notesOf(person)
        .map(flag => FLAGS[flag].word)
        .join(', '),
    render: person => <Notes person={person} />,
    width: 130,
    grow: 1,
    priority: 2
  },
  {
    id: 'email',
    label: 'E-mail',
    kind: 'name',
    value: person => person.email,
    width: 160,
    grow: 1.5,
    priority: 5
  },
  {
    id: 'since',
    label: 'Since',
    kind: 'time',
    value: person => person.since,
    width: 84,
    grow: 0.2,
    priority: 6
  },
  { id: 'note', label: 'Note', value: person => person.note, width: 110, grow: 1, priority: 7 }
];

/** Return the chips: states, then what needs a look, then teams; all with counts. */
export function chipsOf(people: readonly IPerson[], teams: readonly string[]): IChip<IPerson>[] {
  const states = new Set(people.map(({ state }) => state));
  const seen = [...new Set([...teams, ...people.map(({ team }) => team)])].filter(Boolean);
  const isIn = (team: string) => (person: IPerson) => person.team === team;
  return [
    ...STATE_NAMES.filter(state => ALWAYS.includes(state) || states.has(state)).map(
      (state): IChip<IPerson> => ({
        id: state,
        label: STATES[state].word,
        tone: STATES[state].tone,
        group: 'state',
        test: person => person.state === state
      })
    ),
    {
      id: 'never',
      label: 'never logged in',
      group: 'look',
      test: person => person.flags.includes('never_logged_in')
    },
    { id: 'look', label: 'to look at', group: 'look', test: hasNotes },
    ...(seen.length > 1
      ? seen.map(team => ({ id: `team:${team}`, label: team, group: 'team', test: isIn(team) }))
      : [])
  ];
}

/** What needs an eye and is not said by the column of the hub already. */
function notesOf(person: IPerson): IPerson['flags'] {
  return person.flags.filter(flag => flag !== 'never_logged_in');
}

function hasNotes(person: IPerson): boolean {
  return notesOf(person).length > 0;
}

function Name({ person }: { person: IPerson }): JSX.Element {
  if (person.name) {
    return <MiddleText text={person.name} />;
  }
  return (
    <span className="growth-None">
      <MiddleText text={callOf(person)} />
    </span>
  );
}

export function AtHub({ person }: { person: IPerson }): JSX.Element {
  const word = hubOf(person);
  const last = person.hub?.last_activity;
  if (!word) {
    return <span className="growth-None">–</span>;
  }
  if (person.hub && person.hub.servers.length > 0) {
    return <StateBadge tone="ok" word={word} title={person.hub.servers.join(', ')} />;
  }
  return last ? (
    <span>
      seen <RelativeTime time={last} />
    </span>
  ) : (
    <StateBadge tone={person.state === 'active' ? 'warn' : 'idle'} word={word} />
  );
}

/** The first thing that needs an eye, and how many more there are. */
function Notes({ person }: { person: IPerson }): JSX.Element {
  const notes = notesOf(person);
  if (notes.length === 0) {
    return <span className="growth-None">–</span>;
  }
  const [first, ...others] = notes.map(flag => FLAGS[flag]);
  return (
    <StateBadge
      tone={first.tone}
      word={
        others.length > 0
          ? `${first.word}, ${others.map(({ word }) => word).join(', ')}`
          : first.word
      }
      title={[first, ...others].map(({ meaning }) => meaning).join('. ')}
    />
  );
}
