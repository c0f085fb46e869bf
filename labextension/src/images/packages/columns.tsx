import * as React from 'react';

import { StateBadge, type Tone } from '../../ui/state-badge';
import type { IChip, IColumn } from '../../ui/table/columns';
import type { IPackage, IPackageCheck } from './client';

/** A package with what its index says, once that was asked. */
export interface IPackageRow extends IPackage {
  found: IPackageCheck | null;
}

const WORDS: Record<IPackageCheck['state'], { word: string; tone: Tone }> = {
  fine: { word: 'fine', tone: 'ok' },
  outdated: { word: 'newer exists', tone: 'info' },
  unpinned: { word: 'no version', tone: 'warn' },
  yanked: { word: 'withdrawn', tone: 'warn' },
  'no-such-package': { word: 'does not exist', tone: 'error' },
  'no-such-version': { word: 'no such version', tone: 'error' },
  incompatible: { word: 'does not fit', tone: 'error' },
  unchecked: { word: 'not looked up', tone: 'info' }
};

export const keyOf = (row: IPackage): string => `${row.list} ${row.name}`;

export function wordOf(found: IPackageCheck): { word: string; tone: Tone } {
  return WORDS[found.state];
}

export const PACKAGE_CHIPS: readonly IChip<IPackageRow>[] = [
  {
    id: 'wrong',
    label: 'a build would fail',
    tone: 'error',
    test: row => row.found !== null && wordOf(row.found).tone === 'error'
  },
  {
    id: 'outdated',
    label: 'newer exists',
    tone: 'info',
    test: row => row.found?.state === 'outdated'
  }
];

export const PACKAGE_COLUMNS: readonly IColumn<IPackageRow>[] = [
  { id: 'name', label: 'Package', kind: 'name', value: row => row.name, width: 130, grow: 2 },
  {
    id: 'version',
    label: 'Version',
    value: row => row.version || row.spec || 'any',
    width: 84,
    grow: 0.4
  },
  { id: 'list', label: 'From', value: row => row.list, width: 64, grow: 0.1, priority: 2 },
  {
    id: 'state',
    label: 'At its index',
    value: row => row.found && wordOf(row.found).word,
    render: row =>
      row.found ? (
        <span title={row.found.detail}>
          <StateBadge {...wordOf(row.found)} />
        </span>
      ) : (
        <span className="growth-None">–</span>
      ),
    width: 124,
    grow: 0.4,
    priority: 1
  },
  {
    id: 'newest',
    label: 'Newest',
    value: row => row.found?.newest,
    width: 84,
    grow: 0.3,
    priority: 3
  },
  { id: 'remark', label: 'Remark', value: row => row.remark, width: 120, grow: 1, priority: 4 }
];
