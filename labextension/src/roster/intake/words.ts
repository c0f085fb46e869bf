/** What the import says: pure functions. */

import { formatCount, plural } from '../../ui/time';
import type { FieldName, IEntry, IPerson, IPreview, State } from '../types';

export const FIELDS: Record<FieldName, string> = {
  name: 'Full name',
  given_name: 'Given name',
  family_name: 'Family name',
  email: 'E-mail',
  login: 'GitHub login',
  github_id: 'GitHub number',
  team: 'Team',
  note: 'Note',
  '': 'Not used'
};

/** Return what the button says that leads to the plan; rows that say the same are one person. */
export function spellReady(preview: IPreview, skipped: readonly number[] = []): string {
  const { entries, problems, rows } = preview;
  const left = new Set([...problems.map(({ row }) => row), ...skipped]).size;
  return left === 0
    ? `Plan ${plural(entries.length, 'person', 'people')}`
    : `Go ahead with ${formatCount(rows - left)} of ${plural(rows, 'row')}`;
}

const HERE: readonly State[] = ['active', 'invited', 'unlisted'];

/** Return who is in the team now and stands on no row of the list. */
export function notOnList(
  people: readonly IPerson[],
  team: string,
  entries: readonly IEntry[]
): IPerson[] {
  const said = new Set(
    entries.flatMap(({ login, email, github_id }) =>
      [login.toLowerCase(), email.toLowerCase(), github_id && `#${github_id}`].filter(Boolean)
    )
  );
  return people.filter(
    person =>
      person.team === team &&
      HERE.includes(person.state) &&
      !said.has(person.login.toLowerCase()) &&
      !(person.email && said.has(person.email.toLowerCase())) &&
      !said.has(`#${person.github_id}`)
  );
}
