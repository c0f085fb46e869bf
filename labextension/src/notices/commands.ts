import type { IAreaCommand } from '../panel/area';

/** What the notices panel can do. */
export const NOTICE_COMMANDS: readonly IAreaCommand[] = [
  { id: 'notices-write', label: 'Write a notice to students' },
  { id: 'notices-refresh', label: 'Refresh the list of notices' }
];
