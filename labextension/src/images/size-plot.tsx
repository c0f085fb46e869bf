/** How large the images became, from the oldest to the newest. */

import * as React from 'react';

import { formatBytes } from '../ui/bytes';
import { formatMinute, plural } from '../ui/time';
import { type IImageRow, nameOf } from './words';

/** More versions than this are no picture any more: the newest ones are drawn. */
const DRAWN = 40;

interface ISized {
  row: IImageRow;
  bytes: number;
  built: string;
}

/** Return the images that say their size and when they were built, the oldest first. */
export function sizedOf(rows: readonly IImageRow[]): ISized[] {
  return rows
    .flatMap(row =>
      row.image?.created ? [{ row, bytes: row.image.size_bytes, built: row.image.created }] : []
    )
    .sort((a, b) => Date.parse(a.built) - Date.parse(b.built))
    .slice(-DRAWN);
}

/** Bars from zero; nothing to draw for fewer than two. */
export function SizePlot({ rows }: { rows: readonly IImageRow[] }): JSX.Element | null {
  const sized = React.useMemo(() => sizedOf(rows), [rows]);
  if (sized.length < 2) {
    return null;
  }
  const largest = Math.max(...sized.map(({ bytes }) => bytes), 1);
  const [first, last] = [sized[0], sized[sized.length - 1]];
  const spoken =
    `Sizes of ${plural(sized.length, 'version')}: from ${formatBytes(first.bytes)} ` +
    `(${nameOf(first.row)}) to ${formatBytes(last.bytes)} (${nameOf(last.row)}), ` +
    `at most ${formatBytes(largest)}`;
  return (
    <figure className="growth-Sizes">
      <figcaption>
        <span>Size over versions</span>
        <span className="growth-Quiet">
          {formatBytes(first.bytes)} → {formatBytes(last.bytes)}, at most {formatBytes(largest)}
        </span>
      </figcaption>
      <div className="growth-Sizes-bars" role="img" aria-label={spoken}>
        {sized.map(({ row, bytes, built }) => (
          <span
            key={row.digest}
            data-live={row.isLive}
            title={
              `${nameOf(row)}: ${formatBytes(bytes)}, built ${formatMinute(new Date(built))}` +
              (row.isLive ? '; students get this one' : '')
            }
          >
            <i style={{ height: `${Math.max(3, (100 * bytes) / largest)}%` }} />
          </span>
        ))}
      </div>
    </figure>
  );
}
