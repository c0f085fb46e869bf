import type { IAreaCommand } from '../panel/area';

/** What the panel of changes can do. */
export const AUDIT_COMMANDS: readonly IAreaCommand[] = [
  { id: 'audit-copy-csv', label: 'Copy the changes shown as CSV' },
  { id: 'audit-refresh', label: 'Refresh the list of changes' }
];
