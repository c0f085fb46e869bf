/** Who moved the tag, when and why, and how to go back to where it was. */

import * as React from 'react';

import type { IAction } from '../panel/actions';
import { DetailsActions } from '../ui/button';
import { formatBytes } from '../ui/bytes';
import { EmptyState } from '../ui/empty-state';
import { type Fact, Facts } from '../ui/facts';
import { Icon } from '../ui/icons';
import { StateBadge } from '../ui/state-badge';
import type { IColumn } from '../ui/table/columns';
import { Table } from '../ui/table/table';
import { formatMoment } from '../ui/time';
import { Digest } from './digest';
import { LiveStrip } from './live-strip';
import type { IMove, ITimeline } from './types';
import { authorOf, type IImageRow, knowsServers, moveWord, nameOf, reasonOf } from './words';

interface ITimelineViewProps {
  timeline: ITimeline;
  rows: readonly IImageRow[];
  filter: string;
  /** Roll back to what a move brought, and the like. */
  actionsFor(digest: string): readonly IAction[];
}

/** A move with what is known of the image that it brought. */
interface IMoveRow {
  move: IMove;
  image: IImageRow | null;
  servers: number | null;
}

const keyOf = ({ move }: IMoveRow): string => String(move.number);

const COLUMNS: readonly IColumn<IMoveRow>[] = [
  { id: 'time', label: 'When', kind: 'time', value: row => row.move.time, width: 84, grow: 0.2 },
  {
    id: 'action',
    label: 'What',
    value: row => moveWord(row.move).word,
    render: row => <StateBadge {...moveWord(row.move)} />,
    width: 146,
    grow: 0.1
  },
  {
    id: 'author',
    label: 'Who',
    kind: 'name',
    value: row => authorOf(row.move),
    width: 100,
    priority: 2
  },
  {
    id: 'reason',
    label: 'Why',
    value: row => reasonOf(row.move),
    render: row => (
      <span title={reasonOf(row.move)}>
        {row.move.force_reason && <Icon name="warn" />} {reasonOf(row.move)}
      </span>
    ),
    width: 130,
    grow: 8
  },
  {
    id: 'image',
    label: 'Image',
    kind: 'name',
    value: row => row.image && nameOf(row.image),
    width: 110,
    grow: 1,
    priority: 3
  },
  {
    id: 'digest',
    label: 'Digest',
    value: row => row.move.to_digest,
    render: row => <Digest digest={row.move.to_digest} />,
    width: 190,
    grow: 0.1,
    priority: 1
  },
  {
    id: 'size',
    label: 'Size',
    kind: 'number',
    value: row => row.image?.image?.size_bytes,
    render: row =>
      row.image?.image ? (
        formatBytes(row.image.image.size_bytes)
      ) : (
        <span className="growth-None">–</span>
      ),
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
    priority: 5
  },
  {
    id: 'from',
    label: 'Before',
    value: row => row.move.from_digest,
    render: row => <Digest digest={row.move.from_digest} />,
    width: 190,
    grow: 0.1,
    priority: 6
  }
];

export function TimelineView(props: ITimelineViewProps): JSX.Element {
  const { timeline, rows, filter, actionsFor } = props;
  const moves = React.useMemo(() => moveRows(timeline, rows), [timeline, rows]);
  const [open, setOpen] = React.useState<string | null>(null);
  return (
    <>
      <LiveStrip timeline={timeline} rows={rows} onPick={({ number }) => setOpen(String(number))} />
      <Table<IMoveRow>
        openKey={open}
        onOpenKey={setOpen}
        label={`Timeline of ${timeline.tag}`}
        noun={['move', 'moves']}
        rows={moves}
        columns={COLUMNS}
        rowKey={keyOf}
        filter={filter}
        detailsTitle={row => `Move ${row.move.number}: ${moveWord(row.move).word}`}
        actionsFor={chosen => (chosen.length === 1 ? actionsFor(chosen[0].move.to_digest) : [])}
        details={row => <MoveDetails row={row} actions={actionsFor(row.move.to_digest)} />}
        empty={
          <EmptyState
            sentence={`The tag ${timeline.tag} was never moved: promote an image.`}
            runbook="O09-promote-an-image.ipynb"
          />
        }
      />
    </>
  );
}

function moveRows(timeline: ITimeline, rows: readonly IImageRow[]): IMoveRow[] {
  const images = new Map(rows.map(row => [row.digest, row]));
  const counts = new Map(timeline.usage.map(({ digest, servers }) => [digest, servers]));
  const isKnown = knowsServers(timeline);
  return timeline.moves.map(move => ({
    move,
    image: images.get(move.to_digest) ?? null,
    servers: isKnown ? (counts.get(move.to_digest) ?? 0) : null
  }));
}

interface IMoveDetailsProps {
  row: IMoveRow;
  actions: readonly IAction[];
}

function MoveDetails({ row, actions }: IMoveDetailsProps): JSX.Element {
  const { move, image } = row;
  const facts: Fact[] = [
    ['What', <StateBadge key="what" {...moveWord(move)} />],
    ['Who', authorOf(move)],
    ['Begun', formatMoment(new Date(move.time))],
    ['Ended', move.ended && formatMoment(new Date(move.ended))],
    ['Why', move.reason],
    ['Past its checks', move.force_reason],
    ['Checks then', move.gate],
    ['Image', image && nameOf(image)],
    ['To', <Digest key="to" digest={move.to_digest} />],
    ['From', <Digest key="from" digest={move.from_digest} />],
    [
      'Ended at',
      move.end_digest && move.end_digest !== move.to_digest && (
        <Digest key="end" digest={move.end_digest} />
      )
    ],
    ['Note', move.detail]
  ];
  return (
    <>
      <Facts facts={facts} />
      <DetailsActions actions={actions} />
    </>
  );
}
