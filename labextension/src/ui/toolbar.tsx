import * as React from 'react';

import type { IAction } from '../panel/actions';
import { ActionButton, Button } from './button';
import { Icon } from './icons';
import type { Polled } from './polled';
import { formatAgo, formatMoment, useNow } from './time';

export interface IToolbarProps {
  /** What the toolbar belongs to, for screen readers: "Servers". */
  label: string;
  /** The primary action comes first. */
  actions?: readonly IAction[];
  /** Text of the filter box; without `onFilter` there is none. */
  filter?: string;
  onFilter?(text: string): void;
  filterHint?: string;
  /** What the refresh button asks again. */
  polled?: Polled<unknown>;
  /** More, between the actions and the filter. */
  children?: React.ReactNode;
}

/** Actions on the left; filter and refresh on the right. */
export function Toolbar(props: IToolbarProps): JSX.Element {
  return (
    <div className="growth-Toolbar" role="toolbar" aria-label={props.label}>
      {props.actions?.map(action => (
        <ActionButton key={action.id} action={action} />
      ))}
      {props.children}
      <span className="growth-Toolbar-space" />
      {props.onFilter && (
        <FilterBox
          label={`Filter ${props.label.toLowerCase()}`}
          hint={props.filterHint}
          text={props.filter ?? ''}
          onChange={props.onFilter}
        />
      )}
      {props.polled && <RefreshButton polled={props.polled} />}
    </div>
  );
}

interface IFilterBoxProps {
  label: string;
  hint?: string;
  text: string;
  onChange(text: string): void;
}

/** A box that narrows a table while one types; Escape empties it. */
export function FilterBox({ label, hint, text, onChange }: IFilterBoxProps): JSX.Element {
  return (
    <span className="growth-Filter">
      <Icon name="search" />
      <input
        type="search"
        aria-label={label}
        placeholder={hint ?? 'Filter'}
        value={text}
        spellCheck={false}
        onChange={event => onChange(event.target.value)}
        onKeyDown={event => {
          if (event.key === 'Escape' && text) {
            event.stopPropagation();
            event.preventDefault();
            onChange('');
          }
        }}
      />
    </span>
  );
}

/** "12 s ago": how old what is shown is; a click asks again. */
export function RefreshButton({ polled }: { polled: Polled<unknown> }): JSX.Element {
  const now = useNow();
  const age = polled.asOf ? formatAgo(polled.asOf, now) : '';
  const said = polled.isLoading && !polled.loadedAt ? 'loading' : age;
  return (
    <span className={`growth-Refresh ${polled.isLoading ? 'growth-mod-busy' : ''}`}>
      <span
        className={polled.problem ? 'growth-Refresh-stale' : undefined}
        title={polled.asOf ? `As of ${formatMoment(polled.asOf)}` : undefined}
      >
        {said}
      </span>
      <Button
        label="Refresh"
        icon="refresh"
        isIconOnly
        look="link"
        onClick={() => void polled.refresh()}
      />
    </span>
  );
}
