import { kernelIcon } from '@jupyterlab/ui-components';

import type { IArea } from '../panel/area';
import { formatCount, plural } from '../ui/time';
import { SERVER_COMMANDS } from './commands';

export const servers: IArea = {
  id: 'servers',
  label: 'Servers',
  caption: 'Start, stop and restart the servers of the school',
  icon: kernelIcon,
  commands: SERVER_COMMANDS,
  load: async () => (await import(/* webpackChunkName: "servers" */ './panel')).ServersPanel,
  getStatus: async api => {
    // one row: the counts come with any page, and a list of 10,000 is some MB
    const { ready, total } = await api.listServers(1);
    return { text: `${formatCount(ready)} of ${plural(total, 'server')} ready` };
  }
};
