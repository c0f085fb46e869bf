import * as React from 'react';

import { formatBytes } from '../ui/bytes';
import { StateBadge } from '../ui/state-badge';
import type { IChip, IColumn } from '../ui/table/columns';
import { Digest } from './digest';
import type { IGate } from './types';
import { gateWord, type IImageRow, placeWord } from './words';

const NONE = <span className="growth-None">–</span>;

const GATES: readonly [IGate['state'], string][] = [
  ['passed', 'checks passed'],
  ['missing', 'not checked'],
  ['failed', 'checks failed']
];

export const IMAGE_CHIPS: readonly IChip<IImageRow>[] = [
  {
    id: 'live',
    label: 'students get it',
    tone: 'ok',
    group: 'place',
    test: row => row.isLive
  },
  {
    id: 'before',
    label: 'had before',
    tone: 'info',
    group: 'place',
    test: row => row.leftAt !== null
  },
  ...GATES.map(([state, label]): IChip<IImageRow> => ({
    id: state,
    label,
    tone: gateWord({ state, sentence: '', missing: [], failed: [] }).tone,
    group: 'gate',
    test: row => row.gate.state === state
  }))
];

export const IMAGE_COLUMNS: readonly IColumn<IImageRow>[] = [
  {
    id: 'tags',
    label: 'Tags',
    kind: 'name',
    value: row => row.tags.join(', '),
    width: 130,
    grow: 3
  },
  {
    id: 'place',
    label: 'For students',
    value: row => placeWord(row)?.word,
    render: row => {
      const word = placeWord(row);
      return word ? <StateBadge {...word} /> : NONE;
    },
    width: 138,
    grow: 0.2
  },
  {
    id: 'gate',
    label: 'Checks',
    value: row => gateWord(row.gate).word,
    render: row => <StateBadge {...gateWord(row.gate)} />,
    width: 112,
    grow: 0.4,
    priority: 1
  },
  {
    id: 'built',
    label: 'Built',
    kind: 'time',
    value: row => row.image?.created,
    width: 84,
    grow: 0.2,
    priority: 2
  },
  {
    id: 'size',
    label: 'Size',
    kind: 'number',
    value: row => row.image?.size_bytes,
    render: row => (row.image ? formatBytes(row.image.size_bytes) : NONE),
    width: 76,
    grow: 0.1,
    priority: 4
  },
  {
    id: 'servers',
    label: 'Servers',
    kind: 'number',
    value: row => row.servers,
    width: 76,
    grow: 0.1,
    priority: 3
  },
  {
    id: 'digest',
    label: 'Digest',
    value: row => row.digest,
    render: row => <Digest digest={row.digest} />,
    width: 190,
    grow: 0.1,
    priority: 5
  },
  {
    id: 'revision',
    label: 'Revision',
    value: row => row.image?.revision.slice(0, 12),
    width: 106,
    grow: 0.2,
    priority: 6
  }
];
