/** The history tab: which revisions are selected, compared and about to be restored. */

import * as React from 'react';

import type { IAction } from '../panel/actions';
import { type IHistoryRow, historyRows, keyOf } from './history';
import type { ScriptModel } from './script-model';
import type { IRevision } from './types';

export interface IHistoryState {
  selection: readonly string[];
  setSelection(keys: readonly string[]): void;
  pair: readonly [number, number] | null;
  closePair(): void;
  restoring: IRevision | null;
  closeRestore(): void;
  actionsFor(rows: readonly IHistoryRow[]): IAction[];
  selected: readonly IHistoryRow[];
}

/** `onCompare` is called when a comparison is asked for, so that its tab can be shown. */
export function useHistory(model: ScriptModel, onCompare: () => void): IHistoryState {
  const [selection, setSelection] = React.useState<readonly string[]>([]);
  const [pair, setPair] = React.useState<readonly [number, number] | null>(null);
  const [restoring, setRestoring] = React.useState<IRevision | null>(null);
  const live = model.script?.live_revision ?? null;
  const rows = model.history ? historyRows(model.history, live) : [];
  const newest = model.head?.revision;
  const actionsFor = (chosen: readonly IHistoryRow[]): IAction[] => {
    const compared = pairOf(chosen, live, newest?.number ?? null);
    const only = chosen.length === 1 ? chosen[0].revision : null;
    const isNewest = only !== null && only.sha256 === newest?.sha256;
    return [
      {
        id: 'startup-compare',
        label: compared ? `Compare r${compared[0]} and r${compared[1]}` : 'Compare',
        isEnabled: compared !== null,
        reason: compared
          ? undefined
          : 'Select two revisions, or one to compare it with the live one',
        execute: () => {
          if (compared) {
            setPair(compared);
            onCompare();
          }
        }
      },
      {
        id: 'startup-restore',
        label: only ? `Restore r${only.number}` : 'Restore',
        isEnabled: only !== null && !isNewest,
        reason: isNewest
          ? 'The newest revision has this text already'
          : only
            ? undefined
            : 'Select one revision',
        execute: () => setRestoring(only)
      }
    ];
  };
  return {
    selection,
    setSelection,
    pair,
    closePair: () => setPair(null),
    restoring,
    closeRestore: () => setRestoring(null),
    actionsFor,
    selected: rows.filter(row => selection.includes(keyOf(row)))
  };
}

/** Return the two revisions to compare, older first: two chosen, or one and the live one. */
export function pairOf(
  rows: readonly IHistoryRow[],
  live: number | null,
  newest: number | null
): [number, number] | null {
  const numbers = rows.map(row => row.revision.number);
  const other = numbers[0] === live ? newest : live;
  const both = numbers.length === 1 && other !== null ? [numbers[0], other] : numbers;
  if (both.length !== 2 || both[0] === both[1]) {
    return null;
  }
  return [Math.min(...both), Math.max(...both)];
}
