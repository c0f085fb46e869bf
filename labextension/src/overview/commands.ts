import type { IAreaCommand } from '../panel/area';

/** What the school-day page can do. */
export const OVERVIEW_COMMANDS: readonly IAreaCommand[] = [
  { id: 'overview-refresh', label: 'Look at the school again' },
  { id: 'overview-copy', label: 'Copy how the school is as text' }
];
