/** What a panel stands in, for tests and for the pages of the harness. */

import type { GrowthApi } from '../src/api/client';
import type { IMe } from '../src/api/types';
import { ActionRegistry } from '../src/panel/actions';
import type { IHost, ISchool } from '../src/panel/host';
import { LocalTraits } from '../src/panel/traits';

/** Return a host of its own for a panel of this user; what it opens is told to `school`. */
export function makeHost(
  api: GrowthApi,
  me: IMe,
  place: IHost['place'] = 'lab',
  school: Partial<ISchool> = {}
): IHost {
  return {
    api,
    me,
    traits: new LocalTraits(),
    actions: new ActionRegistry(),
    place,
    school: {
      api,
      editors: null,
      getMe: async () => me,
      open: () => undefined,
      openUrl: () => undefined,
      ...school
    }
  };
}
