/** What can be done with people; buttons, menus and commands are the same thing. */

import type { IAction } from '../../panel/actions';
import { formatCount, plural } from '../../ui/time';
import { emailsOf, isExpired, notAccepted, type IRoster } from '../model';
import { removalOf, requestFor } from '../planning';
import type { IPerson, IPlanRequest, State } from '../types';
import { callOf, targetOf } from '../words';

/** What the actions call: plans, dialogs, the clipboard. */
export interface IWork {
  plan(request: IPlanRequest, doing: string): void;
  askTeam(people: readonly IPerson[]): void;
  remind(people: readonly IPerson[]): void;
  offboard(person: IPerson): void;
  copy(text: string, said: string): void;
  importPeople(): void;
}

const INVITABLE: readonly State[] = ['absent', 'expired', 'failed', 'left', 'removed'];
const IN_TEAM: readonly State[] = ['active', 'invited', 'unlisted', 'expired', 'failed', 'queued'];
const NOBODY = 'Select people first';

/** Return "jane-doe" or "43 people". */
function nameAll(people: readonly IPerson[]): string {
  return people.length === 1 ? callOf(people[0]) : plural(people.length, 'person', 'people');
}

function inviteAction(people: readonly IPerson[], work: IWork): IAction {
  const able = people.filter(one => INVITABLE.includes(one.state) && targetOf(one) && one.team);
  const verb = able.length > 0 && able.every(isExpired) ? 'Re-invite' : 'Invite';
  const label = `${verb} ${able.length === 0 ? 'people' : nameAll(able)}`;
  return {
    id: 'roster-invite',
    label,
    isEnabled: able.length > 0,
    reason:
      people.length === 0
        ? NOBODY
        : able.length > 0
          ? 'Shows the plan first'
          : people.some(({ team }) => team)
            ? 'None of the selected waits for an invitation'
            : 'None of the selected has a team: move them to one',
    execute: () => work.plan(requestFor(able), label)
  };
}

function remindAction(people: readonly IPerson[], work: IWork): IAction {
  const able = people.filter(({ state, email }) => state === 'invited' && email);
  return {
    id: 'roster-remind',
    label: `Remind ${able.length === 0 ? 'people' : nameAll(able)}`,
    isEnabled: able.length > 0,
    reason:
      people.length === 0
        ? NOBODY
        : able.length > 0
          ? 'Drafts a mail with the link where the invitation is accepted'
          : 'None of the selected has an open invitation and an e-mail address',
    execute: () => work.remind(able)
  };
}

function moveAction(people: readonly IPerson[], work: IWork): IAction {
  const able = people.filter(person => targetOf(person) && person.state !== 'blocked');
  return {
    id: 'roster-move',
    label: `Move ${able.length === 0 ? 'people' : nameAll(able)} to a team…`,
    isEnabled: able.length > 0,
    reason: people.length === 0 ? NOBODY : 'Asks for the team, then shows the plan',
    execute: () => work.askTeam(able)
  };
}

function removeAction(people: readonly IPerson[], work: IWork): IAction {
  const able = people.filter(
    person => IN_TEAM.includes(person.state) && person.team && targetOf(person)
  );
  const teams = [...new Set(able.map(({ team }) => team))];
  const isOne = teams.length === 1;
  const label = `Remove ${able.length === 0 ? 'people' : nameAll(able)} from ${isOne ? teams[0] : 'a team'}`;
  return {
    id: 'roster-remove',
    label,
    isEnabled: isOne,
    look: 'danger',
    reason:
      people.length === 0
        ? NOBODY
        : isOne
          ? 'Out of the team, or the invitation is taken back; shows the plan first'
          : teams.length === 0
            ? 'None of the selected is in a team'
            : `Select people of one team: these are of ${teams.join(' and ')}`,
    execute: () => work.plan(removalOf(able, teams[0]), label)
  };
}

function offboardAction(people: readonly IPerson[], work: IWork): IAction {
  const [one] = people;
  const reason = one?.is_self
    ? 'This is you'
    : one?.is_owner
      ? 'An owner of the organization: change that at GitHub first'
      : '';
  return {
    id: 'roster-offboard',
    label: people.length === 1 ? `Offboard ${callOf(one)}…` : 'Offboard a person…',
    isEnabled: people.length === 1 && !reason,
    look: 'danger',
    reason:
      people.length === 0
        ? 'Select a person first'
        : people.length > 1
          ? 'Select one person only'
          : reason || 'Ends every access: team, servers, tokens, hub user; shows the plan first',
    execute: () => work.offboard(one)
  };
}

/** Return the actions for these people: those of the selection, the menu and the palette. */
export function peopleActions(people: readonly IPerson[], work: IWork): IAction[] {
  return [
    inviteAction(people, work),
    remindAction(people, work),
    moveAction(people, work),
    removeAction(people, work),
    offboardAction(people, work)
  ];
}

/** Return "7 expired" or "7 expired, 1 failed". */
function spellExpired(people: readonly IPerson[]): string {
  const failed = people.filter(({ state }) => state === 'failed').length;
  const ran = people.length - failed;
  return [ran > 0 && `${formatCount(ran)} expired`, failed > 0 && `${formatCount(failed)} failed`]
    .filter(Boolean)
    .join(', ');
}

/** Return the actions for everybody: those of the toolbar, the most important first. */
export function rosterActions(roster: IRoster | null, work: IWork): IAction[] {
  const people = roster?.people ?? [];
  const expired = people.filter(person => isExpired(person) && person.team && targetOf(person));
  const open = notAccepted(people);
  const emails = emailsOf(open);
  const without = open.filter(({ email }) => !email).length;
  const again = `Re-invite ${spellExpired(expired) || 'expired'}`;
  const url = roster?.accept_url ?? '';
  return [
    {
      id: 'roster-import',
      label: 'Import people',
      isEnabled: true,
      look: 'primary',
      reason: 'From a file (CSV, TSV, XLSX) or pasted text; nothing happens before the plan',
      execute: () => work.importPeople()
    },
    {
      id: 'roster-reinvite-expired',
      label: again,
      isEnabled: expired.length > 0,
      reason:
        expired.length > 0
          ? 'Into the team they were invited to; shows the plan first'
          : 'No invitation has expired',
      execute: () => work.plan(requestFor(expired), again)
    },
    {
      id: 'roster-copy-emails',
      label:
        emails.length === 0
          ? 'Copy e-mail addresses'
          : `Copy ${plural(emails.length, 'e-mail address', 'e-mail addresses')}`,
      isEnabled: emails.length > 0,
      reason: [
        emails.length > 0
          ? `Of the ${formatCount(open.length)} who have not accepted`
          : 'Nobody who has not accepted has an address on the roster',
        emails.length > 0 && without > 0 && `${formatCount(without)} of them have no address here`
      ]
        .filter(Boolean)
        .join('; '),
      execute: () =>
        work.copy(emails.join(', '), `Copied ${plural(emails.length, 'address', 'addresses')}`)
    },
    {
      id: 'roster-copy-accept-link',
      label: 'Copy accept link',
      isEnabled: url !== '',
      reason: url ? `Where invitations are accepted: ${url}` : 'Not known yet',
      execute: () => work.copy(url, `Copied ${url}`)
    }
  ];
}
