import * as React from 'react';

import { Button } from '../../ui/button';
import { Skeleton } from '../../ui/skeleton';
import { plural } from '../../ui/time';
import { Changes, Problems, Readings } from './cells';
import type { Draft } from './draft';
import { Mapping } from './mapping';
import { spellReady } from './words';

interface IColumnsStepProps {
  draft: Draft;
  teams: readonly string[];
  onPlan(): void;
}

/** How the list was understood: columns first, then the cells that need an answer. */
export function ColumnsStep({ draft, teams, onPlan }: IColumnsStepProps): JSX.Element {
  const { preview } = draft;
  if (!preview) {
    return <Skeleton what="the list" />;
  }
  const hasTeams = preview.columns.some(({ field }) => field === 'team');
  const label = hasTeams ? 'Team of rows that name none' : 'Team';
  const ready = preview.entries.length;
  const reason = draft.isReading
    ? 'The list is being read again'
    : ready === 0
      ? 'No row can be used yet'
      : draft.team === ''
        ? 'Choose the team first'
        : undefined;
  return (
    <>
      <div className="growth-Wizard-body" aria-busy={draft.isReading}>
        <p className="growth-Wizard-said">
          <b>{draft.title}</b> · {preview.format.toUpperCase()} · {plural(preview.rows, 'row')} ·{' '}
          {plural(ready, 'person', 'people')}
        </p>
        <Mapping draft={draft} />
        <Problems draft={draft} />
        <Changes draft={draft} />
        <Readings draft={draft} />
      </div>
      <footer className="growth-Wizard-footer">
        <label>
          {label}
          <TeamBox
            label={label}
            teams={teams}
            team={draft.team}
            onChange={team => draft.choose({ team })}
          />
        </label>
        <span className="growth-Toolbar-space" />
        <Button label="Another list" onClick={() => draft.choose({ step: 'source' })} />
        <Button
          label={spellReady(preview, draft.skipped)}
          look="primary"
          isDisabled={reason !== undefined}
          title={reason ?? 'Shows the plan; nothing happens before you say so'}
          onClick={onPlan}
        />
      </footer>
    </>
  );
}

interface ITeamBoxProps {
  label: string;
  teams: readonly string[];
  team: string;
  onChange(team: string): void;
}

/** The school's teams; where GitHub could not be asked for them, their name is typed. */
function TeamBox({ label, teams, team, onChange }: ITeamBoxProps): JSX.Element {
  if (teams.length === 0) {
    return (
      <input
        type="text"
        aria-label={label}
        value={team}
        onChange={event => onChange(event.target.value)}
      />
    );
  }
  return (
    <select aria-label={label} value={team} onChange={event => onChange(event.target.value)}>
      {team === '' && <option value="">choose</option>}
      {teams.map(slug => (
        <option key={slug} value={slug}>
          {slug}
        </option>
      ))}
    </select>
  );
}
