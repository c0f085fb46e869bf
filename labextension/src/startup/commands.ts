import type { IAreaCommand } from '../panel/area';

/** What the panel of the start scripts can do; each stands there as a button or a tab too. */
export const STARTUP_COMMANDS: readonly IAreaCommand[] = [
  { id: 'startup-save', label: 'Save the start script' },
  { id: 'startup-rehearse', label: 'Rehearse the start script' },
  { id: 'startup-canary', label: 'Try the start script on the canary' },
  { id: 'startup-cancel-trial', label: 'Cancel the running rehearsal or canary' },
  { id: 'startup-make-live', label: 'Make the start script live' },
  { id: 'startup-undo', label: 'Undo making the start script live' },
  { id: 'startup-discard', label: 'Discard the unsaved changes of the start script' },
  { id: 'startup-merge', label: 'Look at what others changed in the start script' },
  { id: 'startup-next-finding', label: 'Go to the next finding in the start script' },
  { id: 'startup-mend-line-ends', label: 'Mend the line ends of the start script' },
  { id: 'startup-restore', label: 'Restore the selected revision of the start script' },
  { id: 'startup-compare', label: 'Compare the selected revisions of the start script' },
  { id: 'startup-show-as-root', label: 'Show as-root.sh' },
  { id: 'startup-show-as-user', label: 'Show as-user.sh' },
  { id: 'startup-show-starts', label: 'Show what every start did' },
  { id: 'startup-show-diff', label: 'Show the difference to the live script' },
  { id: 'startup-show-history', label: 'Show the history of the start script' },
  { id: 'startup-show-rehearsal', label: 'Show the rehearsal report' },
  { id: 'startup-show-canary', label: 'Show the canary log' }
];

/** What the table of starts can do, in a panel of its own and as a tab beside the scripts. */
export const STARTS_COMMANDS: readonly IAreaCommand[] = [
  { id: 'starts-restart', label: 'Restart the servers of the selected starts' },
  { id: 'starts-copy-csv', label: 'Copy the starts shown as CSV' },
  { id: 'starts-refresh', label: 'Refresh the table of starts' }
];
