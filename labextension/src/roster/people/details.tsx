import * as React from 'react';

import type { IHost } from '../../panel/host';
import { ActionButton, Button } from '../../ui/button';
import { type Fact, Facts } from '../../ui/facts';
import { Icon } from '../../ui/icons';
import { StateBadge } from '../../ui/state-badge';
import { formatCount, formatMinute, RelativeTime } from '../../ui/time';
import { isExpired } from '../model';
import type { INames, IPerson } from '../types';
import { FLAGS, stateOf } from '../words';
import { type IWork, peopleActions } from './actions';
import { AtHub } from './columns';
import { EditPerson } from './edit';
import { PersonHistory } from './history';

interface IDetailsProps {
  host: IHost;
  person: IPerson;
  work: IWork;
  onSaved(): void;
}

/** One person in full: state, what needs an eye, fields, every spelling, the hub's side. */
export function PersonDetails({ host, person, work, onSaved }: IDetailsProps): JSX.Element {
  const [isHistoryShown, setHistoryShown] = React.useState(false);
  const actions = peopleActions([person], work).filter(({ isEnabled }) => isEnabled);
  const shorts: Record<string, string> = {
    'roster-move': 'Move to a team…',
    'roster-remove': `Remove from ${person.team}`,
    'roster-offboard': 'Offboard…',
    'roster-remind': 'Remind',
    'roster-invite': isExpired(person) ? 'Re-invite' : 'Invite'
  };
  return (
    <div className="growth-Person">
      <Standing person={person} />
      {person.flags.map(flag => (
        <p key={flag} className="growth-Warning">
          <Icon name={FLAGS[flag].tone === 'error' ? 'error' : 'warn'} />
          <span>{FLAGS[flag].meaning}.</span>
        </p>
      ))}
      {actions.length > 0 && (
        <div className="growth-Details-actions">
          {actions.map(action => (
            <ActionButton
              key={action.id}
              action={{
                ...action,
                label: shorts[action.id] ?? action.label, // the title says who
                look: action.id === 'roster-offboard' ? 'danger' : undefined
              }}
            />
          ))}
        </div>
      )}
      <h4>On the roster</h4>
      <EditPerson host={host} person={person} onSaved={onSaved} />
      <h4>The same person elsewhere</h4>
      <Spellings names={person.names} github_id={person.github_id ?? null} />
      <h4>At the hub</h4>
      <HubFacts person={person} />
      <h4>
        <Button
          label={isHistoryShown ? 'Hide the history' : 'Show the history'}
          look="link"
          isExpanded={isHistoryShown}
          onClick={() => setHistoryShown(!isHistoryShown)}
        />
      </h4>
      {isHistoryShown && <PersonHistory host={host} person={person} />}
    </div>
  );
}

function Standing({ person }: { person: IPerson }): JSX.Element {
  const state = stateOf(person);
  const words = [
    person.state === 'active' && !person.detail ? '' : state.title,
    person.team && `team ${person.team}`,
    person.is_owner && 'owner of the organization',
    person.is_self && 'this is you'
  ].filter(Boolean);
  return (
    <>
      <div className="growth-Person-state">
        <StateBadge {...state} />
        {person.since && (
          <span className="growth-Quiet">
            since {formatMinute(new Date(person.since))} (<RelativeTime time={person.since} />)
          </span>
        )}
      </div>
      {words.length > 0 && <p className="growth-Quiet">{words.join(' · ')}</p>}
    </>
  );
}

function HubFacts({ person }: { person: IPerson }): JSX.Element {
  const { hub } = person;
  if (!hub) {
    return <p className="growth-Quiet">The hub knows no user for this person.</p>;
  }
  return (
    <Facts
      facts={[
        ['Now', <AtHub key="now" person={person} />],
        ['Whose', hub.is_by_name ? 'only the name is the same: no start told the number' : ''],
        ['Role', hub.is_admin ? 'admin of the hub' : ''],
        ['Servers', hub.servers.map(name => name || 'default server').join(', ') || 'none runs'],
        ['Live tokens', typeof hub.tokens === 'number' ? formatCount(hub.tokens) : 'not known'],
        ['Groups', hub.groups.join(', ') || 'none'],
        ['Last active', hub.last_activity ? formatMinute(new Date(hub.last_activity)) : 'never']
      ]}
    />
  );
}

interface ISpellingsProps {
  names: INames;
  github_id: number | null;
}

/** The names that the same person has in other places. */
function Spellings({ names, github_id }: ISpellingsProps): JSX.Element {
  const spellings: Fact[] = [
    ['GitHub login', names.login],
    ['GitHub number', github_id],
    ['Hub user', names.hub],
    ['In the container', names.container],
    ['Home folder', [...new Set(names.homes)].join(' or ')],
    ['Start logs', names.log && `${names.log}-as-….log`]
  ];
  const known = spellings.filter(([, value]) => value);
  if (known.length === 0) {
    return <p className="growth-Quiet">Nothing is known without a GitHub login.</p>;
  }
  return <Facts facts={known.map(([label, value]) => [label, <code>{value}</code>])} />;
}
