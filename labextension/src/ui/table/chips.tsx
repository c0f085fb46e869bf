import * as React from 'react';

import { Icon } from '../icons';
import { formatCount } from '../time';
import { chipRows, groupChips, type IChip } from './columns';

export interface IChipsProps<T> {
  chips: readonly IChip<T>[];
  /** The rows that the counts are about: those that match the filter box. */
  rows: readonly T[];
  pressed: readonly string[];
  onChange(pressed: string[]): void;
}

/** Chips with counts, by group. A chip without rows stays, so that "0 failed" can be read. */
export function Chips<T>({ chips, rows, pressed, onChange }: IChipsProps<T>): JSX.Element {
  const counts = React.useMemo(() => countChips(chips, rows, pressed), [chips, rows, pressed]);
  return (
    <div className="growth-Chips" role="group" aria-label="Show only">
      {groupChips(chips).map(group => (
        <span key={group[0].id} className="growth-Chips-group">
          {group.map(chip => {
            const count = counts.get(chip.id) ?? 0;
            const isPressed = pressed.includes(chip.id);
            return (
              <button
                key={chip.id}
                type="button"
                className={`growth-Chip growth-mod-${chip.tone ?? 'idle'}`}
                aria-pressed={isPressed}
                data-empty={count === 0}
                onClick={() =>
                  onChange(isPressed ? pressed.filter(id => id !== chip.id) : [...pressed, chip.id])
                }
              >
                {chip.tone && <Icon name={chip.tone} />}
                <b>{formatCount(count)}</b> {chip.label}
              </button>
            );
          })}
        </span>
      ))}
    </div>
  );
}

/** Return how many rows each chip would keep beside what is pressed in the other groups. */
function countChips<T>(
  chips: readonly IChip<T>[],
  rows: readonly T[],
  pressed: readonly string[]
): Map<string, number> {
  const counts = new Map<string, number>();
  for (const group of groupChips(chips)) {
    const own = new Set(group.map(({ id }) => id));
    const beside = chipRows(
      rows,
      chips,
      pressed.filter(id => !own.has(id))
    );
    group.forEach(chip => counts.set(chip.id, beside.filter(row => chip.test(row)).length));
  }
  return counts;
}
