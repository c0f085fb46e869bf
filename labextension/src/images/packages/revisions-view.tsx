/** Every revision of the lists: who, when, why, what changed, and the way back to it. */

import * as React from 'react';

import type { IAction } from '../../panel/actions';
import type { IHost } from '../../panel/host';
import { DetailsActions } from '../../ui/button';
import { EmptyState } from '../../ui/empty-state';
import { type Fact, Facts } from '../../ui/facts';
import { usePolled } from '../../ui/polled';
import { ProblemBanner } from '../../ui/problem-banner';
import { Skeleton } from '../../ui/skeleton';
import { StateBadge, type Tone } from '../../ui/state-badge';
import type { IColumn } from '../../ui/table/columns';
import { Table } from '../../ui/table/table';
import { formatMoment } from '../../ui/time';
import { useAnswer } from '../../ui/use-answer';
import { Planning } from '../trouble';
import { HistoryModel, type IRevision, type IRevisionDetails, PackagesClient } from './client';
import { RestoreDialog } from './restore-dialog';
import { type IRestoring, useRestoring } from './restoring';
import { UnifiedDiff } from './unified-diff';

interface IRevisionsViewProps {
  host: IHost;
  /** What can be seen while the revisions are looked at. */
  root: React.RefObject<HTMLElement>;
  filter: string;
  /** The revision that the lists are at; a branch that was set back is at an older one. */
  current: number;
  /** Builds what was brought back. */
  build: IAction;
  /** Shows the pull requests, where bringing back becomes one. */
  showWaiting?(): void;
  onRestored(): void;
}

const keyOf = ({ number }: IRevision): string => String(number);
const nameOf = ({ number }: IRevision): string => `r${number}`;

export function RevisionsView(props: IRevisionsViewProps): JSX.Element {
  const { host, root, filter, current } = props;
  const { api } = host;
  const history = usePolled(() => new HistoryModel(api), root, [api]);
  const restoring = useRestoring(host);
  const { planned } = restoring;
  const { data, problem } = history;
  const actionsFor = (revision: IRevision): IAction[] => [
    restoreAction(revision, current, restoring)
  ];
  return (
    <>
      {problem && (
        <ProblemBanner
          problem={problem}
          doing="Reading the revisions"
          tone={data ? 'warn' : 'error'}
          onRetry={() => void history.refresh()}
        />
      )}
      {!planned && <Planning asking={restoring} close={() => restoring.close()} />}
      {data ? (
        <Table<IRevision>
          label="Revisions"
          noun={['revision', 'revisions']}
          rows={data.revisions}
          columns={COLUMNS}
          rowKey={keyOf}
          filter={filter}
          detailsTitle={nameOf}
          actionsFor={([revision]) => (revision ? actionsFor(revision) : [])}
          details={revision => (
            <RevisionDetails host={host} revision={revision} actions={actionsFor(revision)} />
          )}
          empty={
            <EmptyState
              sentence="The lists have no revision yet: the first is written when they are read."
              runbook="O08-add-software.ipynb"
            />
          }
        />
      ) : (
        !problem && <Skeleton what="the revisions" rows={8} />
      )}
      {planned && (
        <RestoreDialog
          host={host}
          restoring={restoring}
          plan={planned.plan}
          revision={planned.revision}
          build={props.build}
          showWaiting={props.showWaiting}
          onClose={() => {
            void history.refresh();
            props.onRestored();
          }}
        />
      )}
    </>
  );
}

function restoreAction(revision: IRevision, current: number, restoring: IRestoring): IAction {
  const isCurrent = revision.number === current;
  return {
    id: 'packages-restore',
    label: `Bring back ${nameOf(revision)}`,
    isEnabled: !isCurrent && !restoring.isAsking,
    reason: isCurrent
      ? 'The lists are so already'
      : 'The plan comes first: what changes, and whether it can be installed together',
    execute: () => restoring.start(revision)
  };
}

const ORIGINS: Record<IRevision['origin'], { tone: Tone; word: string }> = {
  saved: { tone: 'ok', word: 'saved here' },
  restored: { tone: 'info', word: 'brought back' },
  'by-hand': { tone: 'warn', word: 'changed by hand' },
  initial: { tone: 'idle', word: 'as found' },
  commit: { tone: 'ok', word: 'commit at GitHub' }
};

function originOf(revision: IRevision): { tone: Tone; word: string } {
  return revision.state === 'pending'
    ? { tone: 'busy', word: 'being saved' }
    : ORIGINS[revision.origin];
}

/** Return why, with what was overridden: that stays in view. */
function reasonOf({ reason, override_reason: override }: IRevision): string {
  return override ? `${reason} · although a build would fail: ${override}` : reason;
}

const COLUMNS: readonly IColumn<IRevision>[] = [
  { id: 'number', label: 'Revision', value: nameOf, width: 84, grow: 0.1 },
  { id: 'time', label: 'When', kind: 'time', value: one => one.time, width: 84, grow: 0.2 },
  { id: 'author', label: 'Who', kind: 'name', value: one => one.author, width: 100, priority: 2 },
  {
    id: 'summary',
    label: 'What',
    value: one => one.summary,
    render: one => <span title={one.summary}>{one.summary}</span>,
    width: 140,
    grow: 4
  },
  {
    id: 'reason',
    label: 'Why',
    value: reasonOf,
    render: one => <span title={reasonOf(one)}>{reasonOf(one)}</span>,
    width: 130,
    grow: 4,
    priority: 1
  },
  {
    id: 'origin',
    label: 'How',
    value: one => originOf(one).word,
    render: one => <StateBadge {...originOf(one)} />,
    width: 164,
    grow: 0.1,
    priority: 3
  }
];

interface IRevisionDetailsProps {
  host: IHost;
  revision: IRevision;
  actions: readonly IAction[];
}

function RevisionDetails({ host, revision, actions }: IRevisionDetailsProps): JSX.Element {
  const { api } = host;
  const { number } = revision;
  const load = (): Promise<IRevisionDetails> => new PackagesClient(api).getRevision(number);
  const { answer: details, problem, ask } = useAnswer(load, number, [api]);
  const facts: Fact[] = [
    ['How', <StateBadge key="how" {...originOf(revision)} />],
    ['Who', revision.author],
    ['When', formatMoment(new Date(revision.time))],
    ['What', revision.summary],
    ['Why', revision.reason],
    ['In spite of errors', revision.override_reason],
    [
      'At GitHub',
      revision.link && (
        <a key="link" href={revision.link} target="_blank" rel="noopener noreferrer">
          {revision.commit?.slice(0, 7)}
        </a>
      )
    ]
  ];
  return (
    <>
      <Facts facts={facts} />
      <DetailsActions actions={actions} />
      {problem && (
        <ProblemBanner problem={problem} doing="Reading the revision" tone="warn" onRetry={ask} />
      )}
      {details?.files.map(file => (
        <UnifiedDiff key={file.file} file={file} />
      ))}
      {details?.files.length === 0 && <p>It changed nothing.</p>}
      {!details && !problem && <Skeleton what="what it changed" rows={3} />}
    </>
  );
}
