import { runIcon } from '@jupyterlab/ui-components';

import type { IArea } from '../panel/area';

export const jobs: IArea = {
  id: 'jobs',
  label: 'Jobs',
  caption: 'What runs now and what ended: progress, logs, cancel',
  icon: runIcon,
  isForAll: true,
  commands: [],
  load: async () => (await import(/* webpackChunkName: "jobs" */ './panel')).JobsPanel
};
