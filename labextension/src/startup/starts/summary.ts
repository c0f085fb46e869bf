/** What every start did, in one line, and the faults that many have in common. */

import type { IAreaStatus } from '../../panel/area';
import { formatCount, plural } from '../../ui/time';
import type { IStartGroup, IStartList, IStartRow, StartState } from '../types';
import { START_STATES } from './states';

/** Order of the states: what hurts most first. */
export const STATE_ORDER = Object.keys(START_STATES) as readonly StartState[];

/** Return the key of a row: the user, and the server's name if it has one. */
export function keyOf(row: Pick<IStartRow, 'user' | 'server_name'>): string {
  return row.server_name ? `${row.user}/${row.server_name}` : row.user;
}

/** Return the keys of a group's rows. */
export function membersOf(group: IStartGroup): string[] {
  return [...group.users, ...group.named_servers];
}

/** Return the rows with what hurts most on top; within a state the newest start first. */
export function worstFirst(rows: readonly IStartRow[]): IStartRow[] {
  const rank = new Map(STATE_ORDER.map((state, index) => [state, index]));
  const rankOf = (row: IStartRow): number => rank.get(row.state) ?? rank.size;
  return [...rows].sort(
    (a, b) => rankOf(a) - rankOf(b) || (b.started ?? '').localeCompare(a.started ?? '')
  );
}

/** Return the rows of a group; all of them when no group is chosen. */
export function rowsOf(
  rows: readonly IStartRow[],
  group: IStartGroup | null
): readonly IStartRow[] {
  if (!group) {
    return rows;
  }
  const keys = new Set(membersOf(group));
  return rows.filter(row => keys.has(keyOf(row)));
}

/** Return how many rows are in each of these states. */
function countOf(list: Pick<IStartList, 'counts'>, states: readonly StartState[]): number {
  return states.reduce((sum, state) => sum + (list.counts[state] ?? 0), 0);
}

/** Return the states that mean that something is wrong, of one badness. */
function statesOf(tone: 'error' | 'warn'): StartState[] {
  return STATE_ORDER.filter(state => START_STATES[state].tone === tone);
}

/** Return the one line for the sidebar: "6 of 312 starts failed", "312 starts, all ok". */
export function statusOf(list: Pick<IStartList, 'counts'>): IAreaStatus {
  const started = countOf(list, STATE_ORDER) - countOf(list, ['never-started']);
  const bad = countOf(list, statesOf('error'));
  const doubtful = countOf(list, statesOf('warn'));
  const of = `of ${plural(started, 'start')}`;
  if (started === 0) {
    return { text: 'no server has started yet' };
  }
  if (bad > 0) {
    return { text: `${formatCount(bad)} ${of} went wrong`, tone: 'error' };
  }
  if (doubtful > 0) {
    return { text: `${formatCount(doubtful)} ${of} need a look`, tone: 'warn' };
  }
  return { text: `${plural(started, 'start')}, none went wrong` };
}
