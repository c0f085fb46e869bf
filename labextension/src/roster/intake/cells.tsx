import * as React from 'react';

import { Button } from '../../ui/button';
import { formatCount, plural } from '../../ui/time';
import type { FieldName, ICell } from '../types';
import { type Draft, fieldOf } from './draft';
import { FIELDS } from './words';

const SHOWN = 50;

/** Cells that cannot be used as they are; each is put right, or its row left out. */
export function Problems({ draft }: { draft: Draft }): JSX.Element | null {
  const [shown, setShown] = React.useState(SHOWN);
  const root = React.useRef<HTMLTableElement>(null);
  const { problems = [], columns = [] } = draft.preview ?? {};
  if (problems.length === 0) {
    return null;
  }
  const goOn = (from: HTMLInputElement): void => {
    const boxes = [...(root.current?.querySelectorAll<HTMLInputElement>('input') ?? [])];
    boxes[boxes.indexOf(from) + 1]?.focus();
  };
  const rows = new Set(problems.map(({ row }) => row));
  return (
    <section className="growth-Cells" aria-label="Cells to put right">
      <h3>
        {plural(problems.length, 'cell')} in {plural(rows.size, 'row')} cannot be used as{' '}
        {problems.length === 1 ? 'it is' : 'they are'}
      </h3>
      <table ref={root}>
        <thead>
          <tr>
            <th scope="col">Row</th>
            <th scope="col">Column</th>
            <th scope="col">Cell</th>
            <th scope="col">What is wrong</th>
          </tr>
        </thead>
        <tbody>
          {problems.slice(0, shown).map((cell, index) => (
            <ProblemRow
              key={`${cell.row} ${cell.column}`}
              cell={cell}
              field={fieldOf(cell, columns)}
              isFirstOfRow={problems[index - 1]?.row !== cell.row}
              draft={draft}
              onDone={goOn}
            />
          ))}
        </tbody>
      </table>
      {problems.length > shown && (
        <Button
          label={`Show ${formatCount(Math.min(SHOWN, problems.length - shown))} more of ${formatCount(problems.length - shown)}`}
          look="link"
          onClick={() => setShown(shown + SHOWN)}
        />
      )}
    </section>
  );
}

interface IProblemRowProps {
  cell: ICell;
  field: FieldName;
  isFirstOfRow: boolean;
  draft: Draft;
  onDone(input: HTMLInputElement): void;
}

function ProblemRow({ cell, field, isFirstOfRow, draft, onDone }: IProblemRowProps): JSX.Element {
  const { row, column, value, message, suggestion } = cell;
  const [typed, setTyped] = React.useState(value);
  React.useEffect(() => setTyped(value), [value]);
  const commit = (): void => {
    if (field && typed.trim() !== value.trim()) {
      void draft.correct(row, field, typed);
    }
  };
  return (
    <tr>
      <td className="growth-Cells-row">{row}</td>
      <td title={FIELDS[field]}>{column}</td>
      <td>
        {field ? (
          <input
            type="text"
            aria-label={`${column || FIELDS[field]} of row ${row}`}
            aria-invalid="true"
            value={typed}
            spellCheck={false}
            autoComplete="off"
            onChange={event => setTyped(event.target.value)}
            onBlur={commit}
            onKeyDown={event => {
              if (event.key === 'Enter') {
                event.preventDefault();
                onDone(event.currentTarget);
                commit();
              }
            }}
          />
        ) : (
          <span>{value}</span>
        )}
      </td>
      <td>
        <span className="growth-Cells-message">{message}</span>
        <span className="growth-Cells-actions">
          {suggestion && field && (
            <Button
              label={`Use ${suggestion}`}
              onClick={() => void draft.correct(row, field, suggestion)}
            />
          )}
          {isFirstOfRow && (
            <Button
              label={`Leave out row ${row}`}
              look="link"
              onClick={() => void draft.leaveOut(row)}
            />
          )}
        </span>
      </td>
    </tr>
  );
}

/** What was read as something else than it says; folded, because it needs no answer. */
export function Readings({ draft }: { draft: Draft }): JSX.Element | null {
  const readings = draft.preview?.readings ?? [];
  return readings.length === 0 ? null : (
    <Fold
      label={`${plural(readings.length, 'cell')} ${readings.length === 1 ? 'was' : 'were'} read as meant`}
    >
      {readings.map((cell, index) => (
        <li key={index}>
          <span className="growth-Cells-row">row {cell.row}</span>
          <span>
            {cell.column}: <s>{cell.value}</s>
            {cell.suggestion && (
              <>
                {' '}
                → <b>{cell.suggestion}</b>
              </>
            )}{' '}
            <span className="growth-Quiet">{cell.message}</span>
          </span>
        </li>
      ))}
    </Fold>
  );
}

/** What the admin put right and left out; each can be taken back. */
export function Changes({ draft }: { draft: Draft }): JSX.Element | null {
  const { corrections, skipped } = draft;
  const words = [
    corrections.length > 0 && `${plural(corrections.length, 'cell')} put right by you`,
    skipped.length > 0 && `${plural(skipped.length, 'row')} left out by you`
  ].filter(Boolean);
  return words.length === 0 ? null : (
    <Fold label={words.join(', ')}>
      {corrections.map(({ row, field, value }) => (
        <li key={`${row} ${field}`}>
          <span className="growth-Cells-row">row {row}</span>
          <span>
            {FIELDS[field]}: <b>{value || 'empty'}</b>
          </span>
          <Button label="Take back" look="link" onClick={() => void draft.uncorrect(row, field)} />
        </li>
      ))}
      {skipped.map(row => (
        <li key={row}>
          <span className="growth-Cells-row">row {row}</span>
          <span>left out</span>
          <Button label="Take in again" look="link" onClick={() => void draft.takeBack(row)} />
        </li>
      ))}
    </Fold>
  );
}

/** A line that opens on a click; long lists show their beginning. */
function Fold({ label, children }: { label: string; children: React.ReactNode }): JSX.Element {
  const [isOpen, setOpen] = React.useState(false);
  const [isAll, setAll] = React.useState(false);
  const lines = React.Children.toArray(children);
  const shown = isAll ? lines : lines.slice(0, SHOWN);
  return (
    <section className="growth-Fold">
      <Button
        label={label}
        icon={isOpen ? 'down' : 'right'}
        look="link"
        isExpanded={isOpen}
        onClick={() => setOpen(!isOpen)}
      />
      {isOpen && <ul>{shown}</ul>}
      {isOpen && shown.length < lines.length && (
        <Button
          label={`Show ${formatCount(lines.length - shown.length)} more`}
          look="link"
          onClick={() => setAll(true)}
        />
      )}
    </section>
  );
}
