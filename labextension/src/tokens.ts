/** Names that the Python side, the server and the panels agree on. */

/** npm name of this package: the module of our widget models and views. */
export const NAME = 'growth-admin';

/** Must equal the version in package.json (a test compares them) and Python's `__version__`. */
export const VERSION = '0.1.0';

/** Prefix of all our commands. */
export const COMMAND_PREFIX = `${NAME}:`;

/** Category in the launcher and in the command palette. */
export const CATEGORY = 'School';

/** Areas that have a panel, in the order in which they are shown. */
export const AREA_IDS = [
  'overview',
  'startup',
  'datasets',
  'roster',
  'servers',
  'notices',
  'images',
  'jobs',
  'audit'
] as const;

/** Name of an area, the same on both sides of the wire. */
export type AreaId = (typeof AREA_IDS)[number];

/** Return whether `text` names an area. */
export function isAreaId(text: string): text is AreaId {
  return (AREA_IDS as readonly string[]).includes(text);
}
