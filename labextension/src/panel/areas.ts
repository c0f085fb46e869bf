/** All areas that have a panel, in the order in which they are shown. */

import type { IMe } from '../api/types';
import { audit } from '../audit/plugin';
import { jobs } from '../jobs/plugin';
import { servers } from '../servers/plugin';
import { startup } from '../startup/plugin';
import type { IArea } from './area';

export const AREAS: readonly IArea[] = [startup, servers, jobs, audit];

/** Return the area of this name, or undefined when it has no panel. */
export function findArea(id: string): IArea | undefined {
  return AREAS.find(area => area.id === id);
}

/** Return the areas that the server opens to this user. */
export function openAreas(me: IMe): IArea[] {
  return AREAS.filter(area => (area.isForAll ? me.areas.length > 0 : me.areas.includes(area.id)));
}
