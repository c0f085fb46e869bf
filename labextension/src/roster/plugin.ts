import { usersIcon } from '@jupyterlab/ui-components';

import type { IArea } from '../panel/area';
import { RosterClient } from './client';
import { ROSTER_COMMANDS } from './commands';
import { statusOf } from './status';

export const roster: IArea = {
  id: 'roster',
  label: 'Roster',
  caption: 'People in and out of the school, and who has not accepted the invitation',
  icon: usersIcon,
  commands: ROSTER_COMMANDS,
  load: async () => (await import(/* webpackChunkName: "roster" */ './panel')).RosterPanel,
  getStatus: async api => statusOf((await new RosterClient(api).countPeople()).counts)
};
