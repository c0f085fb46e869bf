import * as React from 'react';

import type { IServer } from '../api/types';
import type { IAction } from '../panel/actions';
import type { IHost } from '../panel/host';
import { DetailsActions } from '../ui/button';
import { type Fact, Facts } from '../ui/facts';
import { StateBadge } from '../ui/state-badge';
import { formatMoment } from '../ui/time';
import { Result, Scripts } from './columns';
import { ServerHelp } from './help';
import { STATE_TONES } from './model';

interface IServerDetailsProps {
  host: IHost;
  server: IServer;
  actions: readonly IAction[];
}

/** One server in full, and what can be done with it. */
export function ServerDetails({ host, server, actions }: IServerDetailsProps): JSX.Element {
  const facts: Fact[] = [
    ['User', server.user],
    ['Server', server.server_name || 'default server'],
    ['Whose', server.is_own ? 'your own: this page comes from it' : ''],
    ['State', <StateBadge key="state" tone={STATE_TONES[server.state]} word={server.state} />],
    ['Ready since', moment(server.ready_since)],
    ['Idle since', moment(server.idle_since)],
    ['Last active', moment(server.last_activity)],
    ['Busy kernels', server.busy_kernels],
    ['Team', server.groups.join(', ')],
    ['Last start', server.start_result && <Result server={server} />],
    ['Scripts', server.scripts && <Scripts server={server} />],
    ['Image', server.image],
    ['Digest', server.image_digest],
    ...(server.data ?? []).map(({ name, state }): Fact => [
      `Data ${name}`,
      <StateBadge key={name} tone={state === 'current' ? 'ok' : 'warn'} word={state} />
    ])
  ];
  return (
    <>
      <Facts facts={facts} />
      {!server.start_result && (
        <p className="growth-Quiet">What its last start did is not known.</p>
      )}
      <DetailsActions
        actions={actions
          .filter(({ id }) => id !== 'servers-open')
          .map(action => ({ ...action, look: undefined }))}
      />
      <ServerHelp
        key={`${server.user}/${server.server_name}`}
        host={host}
        server={server}
        actions={actions}
      />
    </>
  );
}

function moment(time: string | null): string {
  return time ? formatMoment(new Date(time)) : '';
}
