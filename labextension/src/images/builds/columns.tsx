import * as React from 'react';

import { formatBytes } from '../../ui/bytes';
import { StateBadge } from '../../ui/state-badge';
import type { IChip, IColumn } from '../../ui/table/columns';
import { formatSpan, useNow } from '../../ui/time';
import { type IBuild, isRunning } from './client';
import { spellTime, stateWord } from './words';

const NONE = <span className="growth-None">–</span>;

export const keyOf = (build: IBuild): string => String(build.number);

export const BUILD_CHIPS: readonly IChip<IBuild>[] = [
  { id: 'running', label: 'running', tone: 'busy', test: isRunning },
  { id: 'built', label: 'built', tone: 'ok', test: ({ state }) => state === 'succeeded' },
  { id: 'failed', label: 'failed', tone: 'error', test: ({ state }) => state === 'failed' },
  { id: 'cancelled', label: 'cancelled', tone: 'warn', test: ({ state }) => state === 'cancelled' }
];

export const BUILD_COLUMNS: readonly IColumn<IBuild>[] = [
  { id: 'tag', label: 'Build', kind: 'name', value: build => build.tag, width: 92, grow: 0.6 },
  {
    id: 'state',
    label: 'State',
    value: build => stateWord(build).word,
    render: build => <StateBadge {...stateWord(build)} />,
    width: 174,
    grow: 0.6
  },
  {
    id: 'time',
    label: 'When',
    kind: 'time',
    value: build => build.time,
    width: 84,
    grow: 0.2,
    priority: 1
  },
  {
    id: 'author',
    label: 'Who',
    kind: 'name',
    value: build => build.author,
    width: 100,
    grow: 0.6,
    priority: 3
  },
  {
    id: 'reason',
    label: 'Why',
    value: build => build.reason,
    render: build => <span title={build.reason}>{build.reason}</span>,
    width: 120,
    grow: 5,
    priority: 2
  },
  {
    id: 'took',
    label: 'Took',
    kind: 'number',
    value: build => build.took_s,
    render: build => <Took build={build} />,
    width: 92,
    grow: 0.1,
    priority: 4
  },
  {
    id: 'size',
    label: 'Size',
    kind: 'number',
    value: build => build.size_bytes,
    render: build => (build.size_bytes === null ? NONE : formatBytes(build.size_bytes)),
    width: 76,
    grow: 0.1,
    priority: 5
  },
  {
    id: 'packages',
    label: 'Packages',
    kind: 'number',
    value: build => build.packages || null,
    width: 92,
    grow: 0.1,
    priority: 6
  }
];

function Took({ build }: { build: IBuild }): JSX.Element {
  return isRunning(build) ? (
    <Elapsed build={build} />
  ) : build.took_s === null ? (
    NONE
  ) : (
    <>{formatSpan(build.took_s)}</>
  );
}

/** How long it has taken so far. */
export function Elapsed({ build }: { build: IBuild }): JSX.Element {
  return <>{spellTime(build, useNow())}</>;
}
