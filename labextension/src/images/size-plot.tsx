/** How large the images became, from the oldest to the newest: a picture, and the same as a table. */

import * as React from 'react';

import { formatBytes } from '../ui/bytes';
import { useWidth } from '../ui/table/use-width';
import { formatMinute, plural } from '../ui/time';
import { type IImageRow, nameOf, spellGrowth } from './words';

/** More versions than this are no picture any more: the newest ones are drawn. */
const DRAWN = 40;
const HEIGHT_PX = 64;
const TOP_PX = 12;
const AXIS_PX = 58;
const LARGEST_BAR_PX = 28;

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

interface ISizePlotProps {
  rows: readonly IImageRow[];
  /** Shows one image beside the table. */
  onPick(digest: string): void;
}

/** Bars from zero; nothing to draw for fewer than two. */
export function SizePlot({ rows, onPick }: ISizePlotProps): JSX.Element | null {
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
        <span>Size over versions, the oldest first</span>
        <span className="growth-Quiet">
          {formatBytes(first.bytes)} → {formatBytes(last.bytes)}
        </span>
      </figcaption>
      <Bars sized={sized} largest={largest} spoken={spoken} onPick={onPick} />
      <SizeTable sized={sized} />
    </figure>
  );
}

interface IBarsProps {
  sized: readonly ISized[];
  largest: number;
  spoken: string;
  onPick(digest: string): void;
}

function Bars({ sized, largest, spoken, onPick }: IBarsProps): JSX.Element {
  const box = React.useRef<HTMLDivElement>(null);
  const found_px = useWidth(box);
  const width_px = Number.isFinite(found_px) && found_px > 0 ? found_px : 600;
  const room_px = Math.max(40, width_px - AXIS_PX);
  const step_px = Math.min(room_px / sized.length, LARGEST_BAR_PX + 4);
  const high_px = HEIGHT_PX - TOP_PX - 1;
  return (
    <div ref={box} className="growth-Sizes-picture">
      <svg role="img" aria-label={spoken} width={width_px} height={HEIGHT_PX}>
        {[1, 0.5].map(share => (
          <g key={share} className="growth-Sizes-axis">
            <line
              x1={AXIS_PX}
              x2={width_px}
              y1={TOP_PX + high_px * (1 - share)}
              y2={TOP_PX + high_px * (1 - share)}
            />
            <text x={AXIS_PX - 6} y={TOP_PX + high_px * (1 - share) + 4}>
              {formatBytes(largest * share)}
            </text>
          </g>
        ))}
        <line
          className="growth-Sizes-ground"
          x1={AXIS_PX}
          x2={width_px}
          y1={HEIGHT_PX - 0.5}
          y2={HEIGHT_PX - 0.5}
        />
        {sized.map(({ row, bytes }, index) => {
          const bar_px = Math.max(2, (high_px * bytes) / largest);
          const x = AXIS_PX + index * step_px;
          return (
            <g
              key={row.digest}
              className="growth-Sizes-bar"
              data-live={row.isLive}
              data-had={row.leftAt !== null}
              onClick={() => onPick(row.digest)}
            >
              <title>{sayOf(sized, index)}</title>
              <rect className="growth-Sizes-hit" x={x} y={0} width={step_px} height={HEIGHT_PX} />
              <rect
                className="growth-Sizes-fill"
                x={x + step_px * 0.1}
                y={HEIGHT_PX - 1 - bar_px}
                width={Math.max(1, step_px * 0.8)}
                height={bar_px}
              />
              {row.isLive && <path d={markAt(x + step_px / 2, HEIGHT_PX - 1 - bar_px)} />}
            </g>
          );
        })}
      </svg>
    </div>
  );
}

/** A small triangle that points at a bar: what students get is not told by a colour alone. */
function markAt(x: number, y: number): string {
  return `M${x} ${y - 2}l-4 -6h8z`;
}

function sayOf(sized: readonly ISized[], index: number): string {
  const { row, bytes, built } = sized[index];
  return (
    `${nameOf(row)}: ${formatBytes(bytes)}${changeOf(sized, index)}, ` +
    `built ${formatMinute(new Date(built))}${placeOf(row)}`
  );
}

function changeOf(sized: readonly ISized[], index: number): string {
  return index === 0 ? '' : `, ${spellGrowth(sized[index].bytes - sized[index - 1].bytes)}`;
}

function placeOf(row: IImageRow): string {
  return row.isLive ? '; students get this one' : row.leftAt ? '; students had it' : '';
}

/** What the picture shows, to be read. */
function SizeTable({ sized }: { sized: readonly ISized[] }): JSX.Element {
  const [isOpen, setOpen] = React.useState(false);
  return (
    <details className="growth-Sizes-table" onToggle={event => setOpen(event.currentTarget.open)}>
      <summary>Sizes as a table</summary>
      {isOpen && <SizeRows sized={sized} />}
    </details>
  );
}

function SizeRows({ sized }: { sized: readonly ISized[] }): JSX.Element {
  return (
    <div tabIndex={0} role="region" aria-label="Sizes as a table">
      <table>
        <thead>
          <tr>
            <th scope="col">Image</th>
            <th scope="col">Built</th>
            <th scope="col">Size</th>
            <th scope="col">Against the one before</th>
            <th scope="col">For students</th>
          </tr>
        </thead>
        <tbody>
          {sized.map(({ row, bytes, built }, index) => (
            <tr key={row.digest}>
              <th scope="row">{nameOf(row)}</th>
              <td>{formatMinute(new Date(built))}</td>
              <td>{formatBytes(bytes)}</td>
              <td>{changeOf(sized, index).replace(/^, /, '') || '–'}</td>
              <td>{placeOf(row).replace(/^; /, '') || '–'}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
