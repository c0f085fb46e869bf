import { historyIcon } from '@jupyterlab/ui-components';

import type { IArea } from '../panel/area';
import { AUDIT_COMMANDS } from './commands';

export const audit: IArea = {
  id: 'audit',
  label: 'Changes',
  caption: 'Who changed what, when, and with which permission',
  icon: historyIcon,
  isForAll: true,
  commands: AUDIT_COMMANDS,
  load: async () => (await import(/* webpackChunkName: "audit" */ './panel')).AuditPanel
};
