import * as React from 'react';

import type { IServer, ServerState } from '../api/types';
import { StateBadge } from '../ui/state-badge';
import type { IChip, IColumn } from '../ui/table/columns';
import { keyOf, STATE_TONES } from './model';

const STATES: readonly ServerState[] = ['ready', 'spawning', 'stopping', 'stopped'];

export const CHIPS: readonly IChip<IServer>[] = STATES.map(state => ({
  id: state,
  label: state,
  tone: STATE_TONES[state],
  test: server => server.state === state
}));

export const COLUMNS: readonly IColumn<IServer>[] = [
  { id: 'user', label: 'Server', kind: 'name', value: keyOf, width: 150, grow: 2 },
  {
    id: 'state',
    label: 'State',
    value: server => server.state,
    render: server => <StateBadge tone={STATE_TONES[server.state]} word={server.state} />,
    width: 100,
    grow: 0.2
  },
  {
    id: 'active',
    label: 'Last active',
    kind: 'time',
    value: server => server.last_activity,
    width: 100,
    grow: 0.3,
    priority: 1
  },
  {
    id: 'started',
    label: 'Started',
    kind: 'time',
    value: server => server.started,
    width: 100,
    grow: 0.3,
    priority: 3
  },
  {
    id: 'groups',
    label: 'Groups',
    value: server => server.groups.join(', '),
    width: 120,
    priority: 4
  },
  {
    id: 'image',
    label: 'Image',
    kind: 'name',
    value: server => server.image,
    width: 160,
    grow: 1.5,
    priority: 2
  }
];

/** One server in full. */
export function ServerDetails({ server }: { server: IServer }): JSX.Element {
  const facts: [string, React.ReactNode][] = [
    ['User', server.user],
    ['Server', server.server_name || 'default server'],
    ['State', <StateBadge key="state" tone={STATE_TONES[server.state]} word={server.state} />],
    ['Started', server.started && new Date(server.started).toLocaleString()],
    ['Last active', server.last_activity && new Date(server.last_activity).toLocaleString()],
    ['Groups', server.groups.join(', ')],
    ['Image', server.image],
    ['Whose', server.is_own ? 'your own: this page comes from it' : '']
  ];
  return (
    <dl className="growth-Facts">
      {facts
        .filter(([, value]) => value)
        .map(([name, value]) => (
          <React.Fragment key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </React.Fragment>
        ))}
    </dl>
  );
}
