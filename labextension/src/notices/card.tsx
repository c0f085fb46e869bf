import * as React from 'react';

import { Problem } from '../api/problem';
import { Button } from '../ui/button';
import { ProblemBanner } from '../ui/problem-banner';
import { Skeleton } from '../ui/skeleton';
import { StateBadge, type Tone } from '../ui/state-badge';
import type { IColumn } from '../ui/table/columns';
import { Table } from '../ui/table/table';
import { formatMoment, plural, RelativeTime } from '../ui/time';
import type { NoticesClient } from './client';
import type { INoticeRow, IReceipt, IRestart, NoticeState } from './types';

const STATES: Record<NoticeState, Tone> = {
  planned: 'info',
  shown: 'ok',
  ended: 'idle',
  withdrawn: 'idle'
};
const HOUR_MS = 3_600_000;

interface INoticeCardProps {
  row: INoticeRow;
  client: NoticesClient;
  /** Wait for a change and show what came of it. */
  change(work: Promise<unknown>): void;
}

/** One notice: what it says, to whom, until when, and what came back. */
export function NoticeCard({ row, client, change }: INoticeCardProps): JSX.Element {
  const { notice, state } = row;
  const [isOpen, setOpen] = React.useState(false);
  const isAlive = state === 'planned' || state === 'shown';
  return (
    <li className="growth-NoticeCard" data-state={state}>
      <div className="growth-NoticeCard-head">
        <StateBadge tone={STATES[state]} word={state} />
        <span>
          to <b>{row.audience}</b>, by {notice.written_by} <RelativeTime time={notice.written} />
        </span>
        {isAlive && <span>until {formatMoment(new Date(notice.until))}</span>}
        {notice.withdrawn && <span>by {notice.withdrawn_by}</span>}
      </div>
      <p className="growth-NoticeCard-text">{notice.text}</p>
      {notice.link && <p className="growth-Quiet">{notice.link}</p>}
      {notice.restart && <p>{spellRestart(notice.restart)}</p>}
      <div className="growth-NoticeCard-actions">
        <span>{countsOf(row)}</span>
        <Button
          label={isOpen ? 'Hide receipts' : 'Show receipts'}
          look="link"
          isExpanded={isOpen}
          onClick={() => setOpen(!isOpen)}
        />
        {isAlive && (
          <>
            {!notice.restart?.job_id && (
              <Button
                label="Show it an hour longer"
                onClick={() =>
                  change(
                    client.extend(notice.id, new Date(new Date(notice.until).getTime() + HOUR_MS))
                  )
                }
              />
            )}
            <Button
              label="Withdraw the notice"
              title={
                notice.restart?.job_id ? 'The restart that it belongs to is paused then' : undefined
              }
              onClick={() => change(client.withdraw(notice.id))}
            />
          </>
        )}
      </div>
      {isOpen && <Receipts id={notice.id} client={client} stamp={JSON.stringify(row.counts)} />}
    </li>
  );
}

/** Return what happens to servers, when, and who belongs to it: "Restart at 10:40, ...". */
export function spellRestart(restart: IRestart): string {
  const moved = Object.keys(restart.moved ?? {}).length;
  const words = [
    `${restart.is_stop ? 'Stop' : 'Restart'} at ${formatMoment(new Date(restart.at))}`,
    restart.may_postpone_min && `up to ${restart.may_postpone_min} minutes later for those who ask`,
    restart.asks_busy && 'later where kernels are busy',
    restart.may_go_now && 'before for those who are ready',
    moved > 0 && `${plural(moved, 'server')} with a time of its own`
  ];
  const from = restart.job_id ? ' It belongs to a rollout in the panel Servers.' : '';
  return `${words.filter(Boolean).join(', ')}.${from}`;
}

/** Return what came back in words: "12 have seen it, 3 want more time". */
export function countsOf({ counts, notice }: INoticeRow): string {
  const words = [`${counts.seen} ${counts.seen === 1 ? 'has' : 'have'} seen it`];
  if (notice.restart) {
    words.push(`${counts.saved} saved`);
    words.push(`${counts.ready} ready now`);
  }
  const more: [number, string][] = [
    [counts.unsaved, 'could not save'],
    [counts.wants_time, 'asked for more time'],
    [counts.busy, 'with busy kernels']
  ];
  return [...words, ...more.filter(([n]) => n > 0).map(([n, what]) => `${n} ${what}`)].join(', ');
}

const COLUMNS: readonly IColumn<IReceipt>[] = [
  { id: 'user', label: 'Server', kind: 'name', value: keyOf, width: 140, grow: 2 },
  { id: 'seen', label: 'Seen', kind: 'time', value: receipt => receipt.seen },
  { id: 'saved', label: 'Saved', kind: 'time', value: receipt => receipt.saved },
  {
    id: 'documents',
    label: 'Documents',
    kind: 'number',
    value: receipt => receipt.documents,
    priority: 3
  },
  {
    id: 'unsaved',
    label: 'Not saved',
    kind: 'number',
    value: receipt => receipt.unsaved,
    priority: 1
  },
  { id: 'ready', label: 'Ready now', kind: 'time', value: receipt => receipt.ready, priority: 2 },
  {
    id: 'wants',
    label: 'Asked for',
    value: receipt => (receipt.wants_min ? `${receipt.wants_min} min` : ''),
    priority: 2
  },
  {
    id: 'busy',
    label: 'Busy kernels',
    kind: 'number',
    value: receipt => receipt.busy_kernels,
    priority: 3
  },
  {
    id: 'proof',
    label: 'Account',
    value: receipt => (receipt.is_proven ? 'proven' : 'not known'),
    priority: 4
  }
];

function keyOf(receipt: IReceipt): string {
  return receipt.server_name ? `${receipt.user}/${receipt.server_name}` : receipt.user;
}

interface IReceiptsProps {
  id: string;
  client: NoticesClient;
  /** Another text when there may be new ones. */
  stamp: string;
}

function Receipts({ id, client, stamp }: IReceiptsProps): JSX.Element {
  const [receipts, setReceipts] = React.useState<readonly IReceipt[] | null>(null);
  const [problem, setProblem] = React.useState<Problem | null>(null);
  React.useEffect(() => {
    let isCurrent = true;
    client.get(id).then(
      details => {
        if (isCurrent) {
          setReceipts(details.receipts);
          setProblem(null);
        }
      },
      reason => isCurrent && setProblem(Problem.from(reason))
    );
    return () => {
      isCurrent = false;
    };
  }, [id, client, stamp]);
  const banner = problem && <ProblemBanner problem={problem} doing="Reading the receipts" />;
  if (!receipts) {
    return banner ?? <Skeleton what="receipts" />;
  }
  return (
    <>
      {banner}
      <Table<IReceipt>
        label="Receipts"
        noun={['receipt', 'receipts']}
        rows={receipts}
        columns={COLUMNS}
        rowKey={keyOf}
        initialSort={{ column: 'user', isDescending: false }}
        empty={
          <p className="growth-Quiet">
            No receipt yet: it comes when a student’s Lab is open and looked at.
          </p>
        }
      />
    </>
  );
}
