import { bellIcon } from '@jupyterlab/ui-components';

import type { IArea } from '../panel/area';
import { plural } from '../ui/time';
import { NoticesClient } from './client';
import { NOTICE_COMMANDS } from './commands';

export const notices: IArea = {
  id: 'notices',
  area: 'servers',
  isForAdmins: true,
  label: 'Notices',
  caption: 'Tell students something inside their Lab, and see who has seen it',
  icon: bellIcon,
  commands: NOTICE_COMMANDS,
  load: async () => (await import(/* webpackChunkName: "notices-panel" */ './panel')).NoticesPanel,
  getStatus: async api => {
    const { notices: rows, problems } = await new NoticesClient(api).list();
    const shown = rows.filter(({ state }) => state === 'shown').length;
    return {
      text: problems[0] ?? (shown ? `${plural(shown, 'notice')} shown` : 'none shown'),
      tone: problems.length ? 'warn' : undefined
    };
  }
};
