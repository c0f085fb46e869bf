import { checkIcon } from '@jupyterlab/ui-components';

import type { IArea } from '../panel/area';
import { OVERVIEW_COMMANDS } from './commands';
import { getOverview, sentenceOf } from './model';

export const overview: IArea = {
  id: 'overview',
  label: 'School day',
  caption: 'What to look at before the class comes',
  icon: checkIcon,
  commands: OVERVIEW_COMMANDS,
  load: async () => (await import(/* webpackChunkName: "overview" */ './panel')).OverviewPanel,
  getStatus: async api => {
    const found = await getOverview(api);
    const { error = 0, warning = 0 } = found.counts;
    return {
      text: sentenceOf(found),
      tone: error > 0 ? 'error' : warning > 0 ? 'warn' : undefined
    };
  }
};
