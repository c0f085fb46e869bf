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
    const { servers: all } = await api.listServers();
    const ready = all.filter(server => server.state === 'ready').length;
    return { text: `${formatCount(ready)} of ${plural(all.length, 'server')} ready` };
  }
};
