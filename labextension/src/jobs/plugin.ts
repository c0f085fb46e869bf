import type { IArea } from '../panel/area';
import { jobsIcon } from '../school/icon';

export const jobs: IArea = {
  id: 'jobs',
  label: 'Jobs',
  caption: 'What runs now and what ended: progress, logs, cancel',
  icon: jobsIcon,
  isForAll: true,
  commands: [],
  load: async () => (await import(/* webpackChunkName: "jobs" */ './panel')).JobsPanel
};
