import * as React from 'react';

import { Button } from '../../ui/button';
import { Dialog } from '../../ui/dialog';
import { plural } from '../../ui/time';
import type { IPerson } from '../types';
import { callOf } from '../words';

interface ITeamDialogProps {
  people: readonly IPerson[];
  teams: readonly string[];
  onChoose(team: string): void;
  onClose(): void;
}

/** Asks for the team that people go to; the plan comes after it. */
export function TeamDialog({ people, teams, onChoose, onClose }: ITeamDialogProps): JSX.Element {
  const who = people.length === 1 ? callOf(people[0]) : plural(people.length, 'person', 'people');
  const here = [...new Set(people.map(({ team }) => team))].filter(Boolean);
  const others = teams.filter(team => here.length !== 1 || team !== here[0]);
  const [team, setTeam] = React.useState(others[others.length - 1] ?? '');
  return (
    <Dialog
      title={`Move ${who} to a team`}
      onClose={onClose}
      footer={
        <>
          <Button label="Do nothing" onClick={onClose} />
          <Button
            label={`Plan the move${team && ` to ${team}`}`}
            look="primary"
            isDisabled={team === ''}
            title={team === '' ? 'There is no other team' : undefined}
            onClick={() => onChoose(team)}
          />
        </>
      }
    >
      <p className="growth-Dialog-note">
        {here.length > 0
          ? `Now in ${here.join(' and ')}. Nothing happens before the plan.`
          : 'Now in no team. Nothing happens before the plan.'}
      </p>
      <fieldset className="growth-Choices">
        <legend className="growth-sr">Team</legend>
        {others.map(other => (
          <label key={other}>
            <input
              type="radio"
              name="team"
              checked={other === team}
              autoFocus={other === team}
              data-focus-first={other === team || undefined}
              onChange={() => setTeam(other)}
            />
            {other}
          </label>
        ))}
        {others.length === 0 && <p>The school has no other team.</p>}
      </fieldset>
    </Dialog>
  );
}
