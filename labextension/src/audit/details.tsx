import * as React from 'react';

import type { GrowthApi } from '../api/client';
import type { IAuditEntry } from '../api/types';
import { type Fact, Facts } from '../ui/facts';
import { formatMoment } from '../ui/time';
import { UndoButton } from '../ui/undo-button';

/** One change in full, and its undo. */
export function EntryDetails({ entry, api }: { entry: IAuditEntry; api: GrowthApi }): JSX.Element {
  const facts: Fact[] = [
    ['When', formatMoment(new Date(entry.time))],
    ['Who', entry.user],
    ['What', entry.action],
    ['To what', entry.target],
    ['Result', entry.result],
    ['Reason', entry.detail],
    ['Permission', entry.permission],
    ['Plan', entry.plan_id],
    ['Before', entry.before],
    ['After', entry.after],
    ['Entry', entry.id]
  ];
  return (
    <>
      <Facts facts={facts} />
      {entry.undo && <UndoButton undo={entry.undo} api={api} />}
    </>
  );
}
