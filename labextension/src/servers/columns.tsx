import * as React from 'react';

import type { IServer, ServerState } from '../api/types';
import { StateBadge } from '../ui/state-badge';
import type { IChip, IColumn } from '../ui/table/columns';
import { keyOf, STATE_TONES } from './model';
import { behindOf, RESULT_NAMES, resultOf, spellData, spellImage, spellScripts } from './words';

const STATES: readonly ServerState[] = ['ready', 'spawning', 'stopping', 'stopped'];
/** Chips that stay although no start went so: their 0 is worth reading. */
const ALWAYS = 'failed';

/** Return the chips: state, idle, what of the last start wants a look; all with counts. */
export function chipsOf(rows: readonly IServer[]): IChip<IServer>[] {
  const results = new Set(rows.map(({ start_result }) => start_result));
  const starts: IChip<IServer>[] = RESULT_NAMES.filter(
    name => name !== 'ok' && (results.has(name) || (name === ALWAYS && results.size > 1))
  ).map(name => ({
    id: `start:${name}`,
    label: resultOf(name).word,
    tone: resultOf(name).tone,
    group: 'start',
    test: server => server.start_result === name
  }));
  return [
    ...STATES.map((state): IChip<IServer> => ({
      id: state,
      label: state,
      tone: STATE_TONES[state],
      group: 'state',
      test: server => server.state === state
    })),
    { id: 'idle', label: 'idle', group: 'idle', test: server => Boolean(server.idle_since) },
    ...starts,
    ...optional(rows, {
      id: 'old-script',
      label: 'old script',
      tone: 'warn',
      group: 'script',
      test: server => server.is_old_revision === true
    }),
    ...optional(rows, {
      id: 'data',
      label: 'data not current',
      tone: 'warn',
      group: 'data',
      test: server => behindOf(server).length > 0
    })
  ];
}

function optional(rows: readonly IServer[], chip: IChip<IServer>): IChip<IServer>[] {
  return rows.some(row => chip.test(row)) ? [chip] : [];
}

export const COLUMNS: readonly IColumn<IServer>[] = [
  { id: 'user', label: 'Server', kind: 'name', value: keyOf, width: 150, grow: 2.5 },
  {
    id: 'state',
    label: 'State',
    value: server => server.state,
    render: server => <StateBadge tone={STATE_TONES[server.state]} word={server.state} />,
    width: 96,
    grow: 0.2
  },
  {
    id: 'result',
    label: 'Last start',
    value: server => server.start_result && resultOf(server.start_result).word,
    render: server => <Result server={server} />,
    width: 112,
    grow: 0.3,
    priority: 1
  },
  {
    id: 'idle',
    label: 'Idle since',
    kind: 'time',
    value: server => server.idle_since,
    width: 92,
    grow: 0.2,
    priority: 2
  },
  {
    id: 'scripts',
    label: 'Script',
    value: spellScripts,
    render: server => <Scripts server={server} />,
    width: 150,
    grow: 0.6,
    priority: 3
  },
  {
    id: 'image',
    label: 'Image',
    kind: 'name',
    value: server => spellImage(server.image, server.image_digest),
    width: 140,
    grow: 1.2,
    priority: 4
  },
  {
    id: 'data',
    label: 'Data',
    value: spellData,
    render: server => <Data server={server} />,
    width: 120,
    grow: 1,
    priority: 5
  },
  {
    id: 'groups',
    label: 'Team',
    value: server => server.groups.join(', '),
    width: 100,
    grow: 0.6,
    priority: 6
  },
  {
    id: 'ready',
    label: 'Ready since',
    kind: 'time',
    value: server => server.ready_since,
    width: 108,
    grow: 0.2,
    priority: 7
  },
  {
    id: 'active',
    label: 'Last active',
    kind: 'time',
    value: server => server.last_activity,
    width: 96,
    grow: 0.2,
    priority: 8
  }
];

const NONE = <span className="growth-None">–</span>;

export function Result({ server }: { server: IServer }): JSX.Element {
  return server.start_result ? <StateBadge {...resultOf(server.start_result)} /> : NONE;
}

export function Scripts({ server }: { server: IServer }): JSX.Element {
  const text = spellScripts(server);
  if (server.is_old_revision) {
    return (
      <StateBadge
        tone="warn"
        word={`old: ${text || 'start script'}`}
        title={`${text}: not what is live now; a restart brings it`}
      />
    );
  }
  return text ? <span title={text}>{text}</span> : NONE;
}

export function Data({ server }: { server: IServer }): JSX.Element {
  const text = spellData(server);
  if (behindOf(server).length > 0) {
    return <StateBadge tone="warn" word={text} title={text} />;
  }
  return text ? <span title={text}>{text}</span> : NONE;
}
