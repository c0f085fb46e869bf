/** Fields that say which servers; they narrow the table, and find the same ones for a plan. */

import * as React from 'react';

import type { IServer } from '../api/types';
import type { IAction } from '../panel/actions';
import { ActionButton, Button } from '../ui/button';
import { formatCount, plural } from '../ui/time';
import {
  ANYBODY,
  type ICriteria,
  imagesOf,
  type INarrowed,
  type IOption,
  isAnybody,
  lackOf,
  resultsOf,
  teamsOf
} from './criteria';
import { resultOf } from './words';

const LONGEST_IDLE_MIN = 525_600;

interface ICriteriaBarProps {
  /** All servers, whatever is chosen: what there is to choose from. */
  rows: readonly IServer[];
  criteria: ICriteria;
  narrowed: INarrowed;
  /** What can be done with everybody who matches. */
  actions: readonly IAction[];
  onChange(criteria: ICriteria): void;
}

export function CriteriaBar(props: ICriteriaBarProps): JSX.Element {
  const { rows, criteria, narrowed, actions, onChange } = props;
  const teams = React.useMemo(() => teamsOf(rows), [rows]);
  const images = React.useMemo(() => imagesOf(rows), [rows]);
  const results = React.useMemo(() => resultsOf(rows, state => resultOf(state).word), [rows]);
  const change = (part: Partial<ICriteria>): void => onChange({ ...criteria, ...part });
  return (
    <section className="growth-Criteria" aria-label="Servers that are like this">
      <div className="growth-Criteria-fields">
        <Choice
          label="Team"
          any="any"
          value={criteria.team}
          options={teams}
          onChange={team => change({ team })}
        />
        <Choice
          label="Image is not"
          any="–"
          value={criteria.imageNot}
          options={images}
          onChange={imageNot => change({ imageNot })}
        />
        <label>
          <input
            type="checkbox"
            checked={criteria.isOldRevision}
            onChange={event => change({ isOldRevision: event.target.checked })}
          />{' '}
          Old script revision
        </label>
        <Minutes value={criteria.idleMin} onChange={idleMin => change({ idleMin })} />
        <Choice
          label="Last start"
          any="any"
          value={criteria.result}
          options={results}
          onChange={result => change({ result })}
        />
      </div>
      {!isAnybody(criteria) && (
        <div className="growth-Criteria-said">
          <span role="status">
            {plural(narrowed.rows.length, 'server')} {narrowed.rows.length === 1 ? 'is' : 'are'}{' '}
            like this
            {narrowed.unknown > 0 &&
              `; ${formatCount(narrowed.unknown)} more may be: ${lackOf(criteria)} is not known`}
            .
          </span>
          {actions.map(action => (
            <ActionButton key={action.id} action={action} />
          ))}
          <Button label="Anybody again" look="link" onClick={() => onChange(ANYBODY)} />
        </div>
      )}
    </section>
  );
}

interface IChoiceProps {
  label: string;
  /** What it says when nothing is chosen. */
  any: string;
  value: string;
  options: readonly IOption[];
  onChange(value: string): void;
}

function Choice({ label, any, value, options, onChange }: IChoiceProps): JSX.Element {
  const isKnown = !value || options.some(option => option.value === value);
  return (
    <label>
      {label}{' '}
      <select value={value} onChange={event => onChange(event.target.value)}>
        <option value="">{any}</option>
        {!isKnown && <option value={value}>{value}</option>}
        {options.map(option => (
          <option key={option.value} value={option.value}>
            {option.label} ({formatCount(option.count)})
          </option>
        ))}
      </select>
    </label>
  );
}

interface IMinutesProps {
  value: number | null;
  onChange(value: number | null): void;
}

function Minutes({ value, onChange }: IMinutesProps): JSX.Element {
  return (
    <label>
      Idle for{' '}
      <input
        type="text"
        inputMode="numeric"
        autoComplete="off"
        value={value === null ? '' : String(value)}
        onChange={event => {
          const digits = event.target.value.replace(/\D/g, '');
          onChange(Number(digits) > 0 ? Math.min(Number(digits), LONGEST_IDLE_MIN) : null);
        }}
      />{' '}
      min or more
    </label>
  );
}
