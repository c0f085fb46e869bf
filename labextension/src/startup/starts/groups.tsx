import * as React from 'react';

import type { IAction } from '../../panel/actions';
import { ActionButton, Button } from '../../ui/button';
import { Icon } from '../../ui/icons';
import { StateBadge } from '../../ui/state-badge';
import { formatCount, plural } from '../../ui/time';
import type { IStartGroup } from '../types';
import { START_STATES } from './states';
import { membersOf } from './summary';

const SHOWN_GROUPS = 3;
const SHOWN_MEMBERS = 60;

export interface IGroupsProps {
  groups: readonly IStartGroup[];
  /** The group whose rows alone are shown; null for all rows. */
  chosen: IStartGroup | null;
  onChoose(group: IStartGroup | null): void;
  /** Shows one of them in the table. */
  onFind(key: string): void;
  restart(keys: readonly string[]): IAction;
}

/** The same fault of many is one line: "5 × as-user.sh line 20: could not resolve host". */
export function Groups(props: IGroupsProps): JSX.Element | null {
  const { groups, chosen } = props;
  const [isLong, setLong] = React.useState(false);
  if (groups.length === 0) {
    return null;
  }
  const shown = isLong ? groups : groups.slice(0, SHOWN_GROUPS);
  const rest = groups.length - SHOWN_GROUPS;
  return (
    <section className="growth-Groups" aria-label="The same faults together">
      <ul>
        {shown.map(group => (
          <Group key={group.id} {...props} group={group} isChosen={group.id === chosen?.id} />
        ))}
      </ul>
      {rest > 0 && (
        <Button
          label={isLong ? 'Show fewer' : `Show ${plural(rest, 'more fault')}`}
          look="link"
          icon={isLong ? 'up' : 'down'}
          onClick={() => setLong(!isLong)}
        />
      )}
    </section>
  );
}

function Group(props: IGroupsProps & { group: IStartGroup; isChosen: boolean }): JSX.Element {
  const { group, isChosen, onChoose } = props;
  const [isOpen, setOpen] = React.useState(false);
  const members = membersOf(group);
  const { tone, word, meaning } = START_STATES[group.state];
  const restart = props.restart(members);
  return (
    <li className="growth-Group" data-chosen={isChosen}>
      <div className="growth-Group-line">
        <button
          type="button"
          className="growth-Group-head"
          aria-expanded={isOpen}
          title={group.title}
          onClick={() => setOpen(!isOpen)}
        >
          <Icon name={isOpen ? 'down' : 'right'} />
          <b>{formatCount(members.length)} ×</b>
          <StateBadge tone={tone} word={word} title={meaning} />
          <span className="growth-Group-title">{group.title}</span>
        </button>
        <span className="growth-Group-acts">
          <Button
            label={
              isChosen
                ? 'Show all'
                : `Open ${members.length === 1 ? 'it' : `these ${formatCount(members.length)}`}`
            }
            isPressed={isChosen}
            title={isChosen ? 'Show the starts of all' : 'Show only these starts in the table'}
            onClick={() => onChoose(isChosen ? null : group)}
          />
          <ActionButton action={restart} />
        </span>
      </div>
      {isOpen && (
        <p className="growth-Group-members">
          {members.slice(0, SHOWN_MEMBERS).map(key => (
            <Button key={key} label={key} look="link" onClick={() => props.onFind(key)} />
          ))}
          {members.length > SHOWN_MEMBERS &&
            ` and ${formatCount(members.length - SHOWN_MEMBERS)} more: open these in the table`}
        </p>
      )}
    </li>
  );
}
