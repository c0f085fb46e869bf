import type { IAreaCommand } from '../panel/area';

/** What the roster's panel can do. */
export const ROSTER_COMMANDS: readonly IAreaCommand[] = [
  { id: 'roster-import', label: 'Import people from a list' },
  { id: 'roster-reinvite-expired', label: 'Re-invite everybody whose invitation expired' },
  { id: 'roster-copy-emails', label: 'Copy the e-mail addresses of those who have not accepted' },
  { id: 'roster-copy-accept-link', label: 'Copy the link where invitations are accepted' },
  { id: 'roster-invite', label: 'Invite the selected people' },
  { id: 'roster-remind', label: 'Remind the selected people of their invitation' },
  { id: 'roster-move', label: 'Move the selected people to a team' },
  { id: 'roster-remove', label: 'Remove the selected people from their team' },
  { id: 'roster-offboard', label: 'Offboard the selected person' },
  { id: 'roster-copy-csv', label: 'Copy the people shown as CSV' },
  { id: 'roster-refresh', label: 'Ask GitHub and the hub about all people now' },
  { id: 'roster-show-people', label: 'Show the people of the roster' },
  { id: 'roster-show-history', label: 'Show the history of the roster' },
  { id: 'roster-show-setup', label: 'Check the setup of the roster' }
];
