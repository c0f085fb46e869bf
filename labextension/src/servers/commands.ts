import type { IAreaCommand } from '../panel/area';

/** What the servers panel can do with the selected servers, and with all that are alike. */
export const SERVER_COMMANDS: readonly IAreaCommand[] = [
  { id: 'servers-start', label: 'Start the selected servers' },
  { id: 'servers-stop', label: 'Stop the selected servers' },
  { id: 'servers-restart', label: 'Restart the selected servers' },
  {
    id: 'servers-filters',
    label: 'Filter servers by team, image, script, idle time or last start'
  },
  { id: 'servers-restart-like', label: 'Restart all servers that are like this' },
  { id: 'servers-start-like', label: 'Start all servers that are like this' },
  { id: 'servers-stop-like', label: 'Stop all servers that are like this' },
  { id: 'servers-open', label: 'Open the selected server in a new browser tab' },
  { id: 'servers-copy-csv', label: 'Copy the servers shown as CSV' },
  { id: 'servers-refresh', label: 'Refresh the list of servers' }
];
