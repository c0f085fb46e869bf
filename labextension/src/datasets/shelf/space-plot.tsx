import * as React from 'react';

import { formatBytes } from '../../ui/bytes';
import { Button } from '../../ui/button';
import { plural } from '../../ui/time';
import { type ISpaceRow, spaceRows } from '../model';
import type { ISpace } from '../types';

const NAMED = 5;

/** A part of the bar, and its line in the legend. */
interface ISegment {
  id: string;
  label: string;
  size_bytes: number;
  /** Colour and pattern: `1` to `5`, `others`, `rest` or `free`. */
  look: string;
}

/** Return the parts of the bar: the largest datasets by name, the others, what is no dataset, free. */
export function segmentsOf(space: ISpace): ISegment[] {
  const rows = spaceRows(space);
  const others = rows.slice(NAMED);
  const ours = sum(rows);
  const rest = Math.max(0, space.total_bytes - space.free_bytes - ours);
  return [
    ...rows.slice(0, NAMED).map((row, index) => ({
      id: `dataset ${row.name}`,
      label: row.name,
      size_bytes: row.size_bytes,
      look: String(index + 1)
    })),
    {
      id: 'others',
      label: plural(others.length, 'other dataset'),
      size_bytes: sum(others),
      look: 'others'
    },
    { id: 'rest', label: 'everything else', size_bytes: rest, look: 'rest' },
    { id: 'free', label: 'free', size_bytes: space.free_bytes, look: 'free' }
  ].filter(segment => segment.size_bytes > 0 || segment.id === 'free');
}

function sum(rows: readonly ISpaceRow[]): number {
  return rows.reduce((total, row) => total + row.size_bytes, 0);
}

/** The shared disk by dataset: a bar, a legend with numbers, and the same as a table. */
export function SpacePlot({ space }: { space: ISpace }): JSX.Element {
  const [isTable, setTable] = React.useState(false);
  const segments = segmentsOf(space);
  const label = `${formatBytes(space.free_bytes)} of ${formatBytes(space.total_bytes)} free on the shared disk`;
  return (
    <figure className="growth-Space">
      <div className="growth-Space-head">
        <figcaption>{label}</figcaption>
        <Button
          label={isTable ? 'Hide the table' : 'By dataset'}
          look="link"
          icon={isTable ? 'down' : 'right'}
          isExpanded={isTable}
          onClick={() => setTable(!isTable)}
        />
      </div>
      <div className="growth-Space-bar" aria-hidden="true">
        {segments.map(segment => (
          <span
            key={segment.id}
            className={`growth-Space-part growth-mod-${segment.look}`}
            style={{ flexGrow: segment.size_bytes }}
            title={`${segment.label}: ${formatBytes(segment.size_bytes)}`}
          />
        ))}
      </div>
      <ul className="growth-Space-legend">
        {segments.map(segment => (
          <li key={segment.id} title={segment.label}>
            <span className={`growth-Space-key growth-mod-${segment.look}`} aria-hidden="true" />
            <span className="growth-Space-name">{segment.label}</span>
            <b>{formatBytes(segment.size_bytes)}</b>
          </li>
        ))}
      </ul>
      {isTable && <SpaceTable space={space} />}
    </figure>
  );
}

const COLUMNS: readonly [keyof Omit<ISpaceRow, 'name'>, string][] = [
  ['current', 'Current'],
  ['earlier', 'Earlier'],
  ['trash', 'Trash'],
  ['staging', 'Being fetched'],
  ['unmanaged', 'Plain folder'],
  ['size_bytes', 'Together']
];

/** Every dataset with its bytes by what they are, the largest first. */
function SpaceTable({ space }: { space: ISpace }): JSX.Element {
  const rows = spaceRows(space);
  const columns = COLUMNS.filter(([id]) => rows.some(row => row[id] > 0));
  return (
    <div className="growth-Space-table" tabIndex={0} role="region" aria-label="Space by dataset">
      <table>
        <thead>
          <tr>
            <th scope="col">Dataset</th>
            {columns.map(([id, label]) => (
              <th key={id} scope="col">
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(row => (
            <tr key={row.name}>
              <th scope="row" title={row.name}>
                {row.name || 'being fetched'}
              </th>
              {columns.map(([id]) => (
                <td key={id}>{row[id] > 0 ? formatBytes(row[id]) : '–'}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
