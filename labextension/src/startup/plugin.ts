import { offlineBoltIcon } from '@jupyterlab/ui-components';

import type { IArea } from '../panel/area';
import { STARTS_COMMANDS, STARTUP_COMMANDS } from './commands';
import { statusOf } from './starts/summary';

export const startup: IArea = {
  id: 'startup',
  label: 'Start scripts',
  caption: 'Change what happens when a server starts, try it, and see what every start did',
  icon: offlineBoltIcon,
  commands: [...STARTUP_COMMANDS, ...STARTS_COMMANDS],
  load: async () => (await import(/* webpackChunkName: "startup" */ './panel')).StartupPanel,
  getStatus: async api => statusOf(await api.request('startup/starts'))
};
