/** Changes that wait at GitHub as pull requests: what each would change, merge it, give it up. */

import * as React from 'react';

import type { IReceipt } from '../../api/types';
import type { IHost } from '../../panel/host';
import { EmptyState } from '../../ui/empty-state';
import type { Polled } from '../../ui/polled';
import { ProblemBanner } from '../../ui/problem-banner';
import { Skeleton } from '../../ui/skeleton';
import { StateBadge, type Tone } from '../../ui/state-badge';
import type { IColumn } from '../../ui/table/columns';
import { Table } from '../../ui/table/table';
import type { IProposal, IProposalList } from './client';
import { ProposalDetails } from './proposal-details';

interface IProposalsViewProps {
  host: IHost;
  proposals: Polled<IProposalList>;
  filter: string;
  /** A change was merged or given up. */
  onChanged(receipt?: IReceipt): void;
}

const keyOf = ({ number }: IProposal): string => String(number);
const nameOf = ({ number }: IProposal): string => `#${number}`;

export function ProposalsView(props: IProposalsViewProps): JSX.Element {
  const { host, proposals, filter, onChanged } = props;
  const { data, problem } = proposals;
  return (
    <>
      {problem && (
        <ProblemBanner
          problem={problem}
          doing="Reading the pull requests"
          tone={data ? 'warn' : 'error'}
          onRetry={() => void proposals.refresh()}
        />
      )}
      {data ? (
        <Table<IProposal>
          label="Pull requests"
          noun={['pull request', 'pull requests']}
          rows={data.proposals ?? []}
          columns={COLUMNS}
          rowKey={keyOf}
          filter={filter}
          detailsTitle={nameOf}
          details={proposal => (
            <ProposalDetails host={host} proposal={proposal} onChanged={onChanged} />
          )}
          empty={
            <EmptyState sentence="No change waits: one that is saved becomes a pull request here." />
          }
        />
      ) : (
        !problem && <Skeleton what="the pull requests" rows={6} />
      )}
    </>
  );
}

export const STATES: Record<IProposal['state'], { tone: Tone; word: string }> = {
  open: { tone: 'info', word: 'open' },
  merged: { tone: 'ok', word: 'merged' },
  closed: { tone: 'idle', word: 'closed' }
};

const COLUMNS: readonly IColumn<IProposal>[] = [
  { id: 'number', label: 'Number', value: nameOf, width: 88, grow: 0.1 },
  {
    id: 'state',
    label: 'State',
    value: one => STATES[one.state].word,
    render: one => <StateBadge {...STATES[one.state]} />,
    width: 96,
    grow: 0.1
  },
  {
    id: 'title',
    label: 'What',
    value: one => one.title,
    render: one => <span title={one.title}>{one.title}</span>,
    width: 150,
    grow: 4
  },
  {
    id: 'reason',
    label: 'Why',
    value: one => one.reason ?? '',
    render: one => <span title={one.reason}>{one.reason}</span>,
    width: 130,
    grow: 4,
    priority: 1
  },
  { id: 'author', label: 'Who', kind: 'name', value: one => one.author, width: 100, priority: 2 },
  { id: 'time', label: 'When', kind: 'time', value: one => one.time, width: 84, priority: 3 }
];
