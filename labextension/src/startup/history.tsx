import * as React from 'react';

import { type IAction } from '../panel/actions';
import { ActionButton, DetailsActions } from '../ui/button';
import { type Fact, Facts } from '../ui/facts';
import { Icon } from '../ui/icons';
import { Skeleton } from '../ui/skeleton';
import type { IColumn } from '../ui/table/columns';
import { Table } from '../ui/table/table';
import { formatMoment, plural, RelativeTime } from '../ui/time';
import type { ScriptModel } from './script-model';
import { spellSteps } from './track';
import type { IHistory, IPublication, IRevision } from './types';

/** A revision with the times at which it was made live. */
export interface IHistoryRow {
  revision: IRevision;
  publications: readonly IPublication[];
  isLive: boolean;
}

/** Return one row per revision, newest first. Publications are counted to the revision they name. */
export function historyRows(history: IHistory, live: number | null): IHistoryRow[] {
  return history.revisions.map(revision => ({
    revision,
    publications: history.publications.filter(item => item.revision === revision.number),
    isLive: revision.number === live
  }));
}

const ORIGINS: Record<IRevision['origin'], string> = {
  initial: 'found',
  saved: 'saved',
  'by-hand': 'changed by hand',
  restored: 'restored'
};

/** Return how a revision came to be: "restored from r12". */
export function spellOrigin(revision: IRevision): string {
  const from = revision.restored_from;
  return from ? `restored from r${from}` : ORIGINS[revision.origin];
}

/** Return what was skipped or overridden for a revision, in words; empty if nothing was. */
export function spellSkipped({ revision, publications }: IHistoryRow): string {
  const skips = publications
    .filter(({ skipped_steps }) => skipped_steps.length > 0)
    .map(item => `${spellSteps(item.skipped_steps)} skipped: ${item.skip_reason}`);
  const override = revision.override_reason
    ? [`saved with ${plural(revision.lint_errors, 'error')}: ${revision.override_reason}`]
    : [];
  return [...override, ...skips].join('; ');
}

/** `r31`: how a revision is called, and the key of its row. */
export const keyOf = (row: IHistoryRow): string => `r${row.revision.number}`;

const COLUMNS: readonly IColumn<IHistoryRow>[] = [
  {
    id: 'number',
    label: 'Revision',
    value: row => row.revision.number,
    render: row => (
      <span>
        {keyOf(row)}
        {row.isLive && (
          <b className="growth-Live">
            <Icon name="dot" /> live
          </b>
        )}
      </span>
    ),
    width: 90,
    grow: 0.2
  },
  {
    id: 'time',
    label: 'When',
    kind: 'time',
    value: row => row.revision.time,
    width: 84,
    grow: 0.2
  },
  {
    id: 'author',
    label: 'Who',
    kind: 'name',
    value: row => row.revision.author,
    width: 100,
    priority: 1
  },
  { id: 'reason', label: 'Why', value: row => row.revision.reason, width: 120, grow: 3 },
  {
    id: 'origin',
    label: 'How',
    value: row => spellOrigin(row.revision),
    width: 110,
    grow: 0.5,
    priority: 4
  },
  {
    id: 'live',
    label: 'Made live',
    kind: 'time',
    value: row => row.publications[0]?.time,
    width: 90,
    grow: 0.2,
    priority: 2
  },
  {
    id: 'skipped',
    label: 'Skipped',
    value: spellSkipped,
    render: row => {
      const text = spellSkipped(row);
      return text ? (
        <span title={text}>
          <Icon name="skip" /> {text}
        </span>
      ) : null;
    },
    width: 110,
    grow: 2,
    priority: 3
  }
];

export interface IHistoryProps {
  model: ScriptModel;
  selection: readonly string[];
  onSelection(keys: readonly string[]): void;
  /** Restore and compare, for these rows. */
  actionsFor(rows: readonly IHistoryRow[]): IAction[];
}

/** Every revision: who, when, why; select two to compare them, open one to restore it. */
export function HistoryTable({
  model,
  selection,
  onSelection,
  actionsFor
}: IHistoryProps): JSX.Element {
  const { history, script } = model;
  const live = script?.live_revision ?? null;
  const rows = React.useMemo(() => (history ? historyRows(history, live) : []), [history, live]);
  if (!history) {
    return <Skeleton what="the history" rows={4} />;
  }
  const selected = rows.filter(row => selection.includes(keyOf(row)));
  return (
    <div className="growth-History">
      <div className="growth-Toolbar" role="toolbar" aria-label="History">
        {actionsFor(selected).map(action => (
          <ActionButton key={action.id} action={action} />
        ))}
      </div>
      <Table
        label={`History of ${model.name}`}
        noun={['revision', 'revisions']}
        rows={rows}
        columns={COLUMNS}
        rowKey={keyOf}
        selection={selection}
        onSelection={onSelection}
        actionsFor={actionsFor}
        details={row => (
          <>
            <RevisionDetails row={row} />
            <DetailsActions actions={actionsFor([row])} />
          </>
        )}
        empty={<p className="growth-Empty">{`Nothing was ever saved of ${model.name}.`}</p>}
      />
    </div>
  );
}

function RevisionDetails({ row }: { row: IHistoryRow }): JSX.Element {
  const { revision, publications } = row;
  const lint =
    revision.lint_errors + revision.lint_warnings > 0
      ? `${plural(revision.lint_errors, 'error')}, ${plural(revision.lint_warnings, 'warning')}`
      : 'nothing found';
  const facts: Fact[] = [
    ['Who', revision.author],
    ['When', formatMoment(new Date(revision.time))],
    ['Why', revision.reason],
    ['How', spellOrigin(revision)],
    ['Lint', lint],
    ['Skipped', spellSkipped(row)],
    ['SHA-256', revision.sha256.slice(0, 16)]
  ];
  return (
    <Facts facts={facts}>
      {publications.map(item => (
        <React.Fragment key={item.number}>
          <dt>{item.is_noticed ? 'Found live' : 'Made live'}</dt>
          <dd>
            <RelativeTime time={item.time} />
            {` by ${item.author}: ${item.reason}`}
          </dd>
        </React.Fragment>
      ))}
    </Facts>
  );
}
