import * as React from 'react';

import { Icon } from '../icons';
import { formatCount } from '../time';
import type { IChip } from './columns';

export interface IChipsProps<T> {
  chips: readonly IChip<T>[];
  /** The rows that the counts are about: those that match the filter box. */
  rows: readonly T[];
  pressed: readonly string[];
  onChange(pressed: string[]): void;
}

/** State chips with counts. A chip without rows stays, so that "0 failed" can be read. */
export function Chips<T>({ chips, rows, pressed, onChange }: IChipsProps<T>): JSX.Element {
  return (
    <div className="growth-Chips" role="group" aria-label="Show only">
      {chips.map(chip => {
        const count = rows.filter(row => chip.test(row)).length;
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
    </div>
  );
}
