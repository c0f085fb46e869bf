import * as React from 'react';

import { formatBytes } from '../../ui/bytes';
import { MiddleText } from '../../ui/middle-text';
import { StateBadge } from '../../ui/state-badge';
import type { IChip, IColumn } from '../../ui/table/columns';
import { RelativeTime } from '../../ui/time';
import { currentOf, trashOf } from '../model';
import type { IDataset } from '../types';
import { isGood, SOURCES, spellCheck, spellReceipts, trustOf } from '../words';
import { ReceiptsBar } from './receipts-bar';

export const PLAIN_FOLDER = 'plain folder, not published here';

export function keyOf(dataset: IDataset): string {
  return dataset.name;
}

/** Return whether all that is left of it lies in the trash. */
export function isDeleted(dataset: IDataset): boolean {
  return dataset.is_managed && !dataset.current && trashOf(dataset).length > 0;
}

function checkOf(dataset: IDataset): NonNullable<ReturnType<typeof currentOf>>['last_check'] {
  return currentOf(dataset)?.last_check ?? null;
}

export const CHIPS: readonly IChip<IDataset>[] = [
  { id: 'behind', label: 'behind', tone: 'warn', test: ({ receipts }) => receipts.behind > 0 },
  {
    id: 'partial',
    label: 'partial or missing',
    tone: 'error',
    test: ({ receipts }) => receipts.partial + receipts.missing > 0
  },
  {
    id: 'damaged',
    label: 'not as published',
    tone: 'error',
    test: dataset => {
      const check = checkOf(dataset);
      return check !== null && !isGood(check);
    }
  },
  {
    id: 'unverified',
    label: 'unverified',
    tone: 'info',
    test: dataset => currentOf(dataset)?.verified_with === ''
  },
  { id: 'plain', label: 'plain folders', tone: 'idle', test: dataset => !dataset.is_managed },
  { id: 'deleted', label: 'deleted', tone: 'idle', test: isDeleted }
];

export const COLUMNS: readonly IColumn<IDataset>[] = [
  { id: 'name', label: 'Dataset', kind: 'name', value: keyOf, width: 130, grow: 2 },
  {
    id: 'current',
    label: 'Version',
    value: dataset => spellVersion(dataset),
    render: dataset =>
      isDeleted(dataset) ? (
        <StateBadge tone="idle" word="deleted" title="In the trash; it can be taken out again" />
      ) : (
        <span title={dataset.is_managed ? undefined : `A ${PLAIN_FOLDER}`}>
          {spellVersion(dataset) || '–'}
        </span>
      ),
    width: 102,
    grow: 0.4
  },
  {
    id: 'receipts',
    label: 'Students',
    value: ({ receipts }) => spellReceipts(receipts),
    render: dataset =>
      dataset.current ? (
        <ReceiptsBar counts={dataset.receipts} />
      ) : (
        <span className="growth-None">–</span>
      ),
    width: 220,
    grow: 1.6,
    priority: 1
  },
  {
    id: 'size',
    label: 'Size',
    kind: 'number',
    value: dataset => currentOf(dataset)?.size_bytes ?? dataset.size_bytes,
    render: dataset => {
      const size = formatBytes(currentOf(dataset)?.size_bytes ?? dataset.size_bytes);
      return <span title={`${formatBytes(dataset.size_bytes)} with all versions`}>{size}</span>;
    },
    width: 84,
    grow: 0.1,
    priority: 2
  },
  {
    id: 'files',
    label: 'Files',
    kind: 'number',
    value: dataset => currentOf(dataset)?.files,
    width: 70,
    grow: 0.1,
    priority: 7
  },
  {
    id: 'published',
    label: 'Published',
    kind: 'time',
    value: dataset => currentOf(dataset)?.published,
    width: 94,
    grow: 0.3,
    priority: 3
  },
  {
    id: 'by',
    label: 'By',
    kind: 'name',
    value: dataset => currentOf(dataset)?.published_by,
    width: 90,
    grow: 0.6,
    priority: 6
  },
  {
    id: 'source',
    label: 'Source',
    value: dataset => {
      const source = currentOf(dataset)?.source;
      return source ? `${SOURCES[source.kind]}: ${source.title || source.link}` : '';
    },
    render: dataset => {
      const source = currentOf(dataset)?.source;
      return source ? (
        <span title={source.link}>{`${SOURCES[source.kind]}: ${source.title || source.link}`}</span>
      ) : (
        <span className="growth-None">–</span>
      );
    },
    width: 130,
    grow: 1.4,
    priority: 8
  },
  {
    id: 'trust',
    label: 'Checked',
    value: dataset => {
      const version = currentOf(dataset);
      return version ? trustOf(version).word : '';
    },
    render: dataset => {
      const version = currentOf(dataset);
      return version ? (
        <StateBadge {...trustOf(version)} />
      ) : (
        <span className="growth-None">–</span>
      );
    },
    width: 196,
    grow: 0.6,
    priority: 4
  },
  {
    id: 'check',
    label: 'Last check',
    value: dataset => checkOf(dataset)?.time,
    render: dataset => {
      const check = checkOf(dataset);
      return (
        <span title={check ? spellCheck(check) : 'Never hashed again since it was published'}>
          {check ? <RelativeTime time={check.time} /> : 'never'}
        </span>
      );
    },
    width: 96,
    grow: 0.3,
    priority: 5
  }
];

function spellVersion(dataset: IDataset): string {
  if (!dataset.is_managed) {
    return 'plain folder';
  }
  return isDeleted(dataset) ? 'deleted' : dataset.current;
}

/** A name that may be long, in the details. */
export function Path({ text }: { text: string }): JSX.Element {
  return (
    <code className="growth-Path">
      <MiddleText text={text} />
    </code>
  );
}
