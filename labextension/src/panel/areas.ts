/** All areas that have a panel, in the order in which they are shown. */

import type { IMe } from '../api/types';
import { audit } from '../audit/plugin';
import { datasets, upload } from '../datasets/plugin';
import { images } from '../images/plugin';
import { jobs } from '../jobs/plugin';
import { notices } from '../notices/plugin';
import { overview } from '../overview/plugin';
import { roster } from '../roster/plugin';
import { servers } from '../servers/plugin';
import { startup } from '../startup/plugin';
import type { IArea, IView } from './area';

export const AREAS: readonly IArea[] = [
  overview,
  startup,
  datasets,
  roster,
  servers,
  notices,
  images,
  jobs,
  audit
];

/** `ADMIN_SCOPE` of `core/permissions.py`. */
const ADMIN_SCOPE = 'custom:growth:admin';

/** What a notebook asks for by name; no sidebar, launcher or palette knows it. */
const NOTEBOOK_VIEWS: readonly IView[] = [upload];

/** Return the area of this name, or undefined when it has no panel. */
export function findArea(id: string): IArea | undefined {
  return AREAS.find(area => area.id === id);
}

/** Return the area or the notebook's view of this name. */
export function findView(id: string): IView | undefined {
  return findArea(id) ?? NOTEBOOK_VIEWS.find(view => view.id === id);
}

/** Return whether this user holds everything, not areas only that the school grants. */
export function isAdmin(me: IMe): boolean {
  return me.scopes.includes(ADMIN_SCOPE);
}

/** Return whether the server opens this view to this user. */
export function isOpen(view: IView, me: IMe): boolean {
  if (view.isForAdmins && !isAdmin(me)) {
    return false;
  }
  return view.isForAll ? me.areas.length > 0 : me.areas.includes(view.area ?? view.id);
}

/** Return the areas that the server opens to this user. */
export function openAreas(me: IMe): IArea[] {
  return AREAS.filter(area => isOpen(area, me));
}
