/** Going into somebody's server: recorded first, then opened in a new tab. */

import * as React from 'react';

import { Problem } from '../api/problem';
import type { IServer } from '../api/types';
import type { IAction } from '../panel/actions';
import type { IHost } from '../panel/host';
import { ServersClient } from './client';
import type { IAccess } from './types';

export interface IOpening {
  action: IAction;
  /** Where it was opened; a browser may have kept the tab from coming. */
  url: string | null;
  problem: Problem | null;
}

/** Record that one goes into a server and open it; rejects with a `Problem`. */
export async function openServer(host: IHost, server: IServer): Promise<string> {
  const { user, server_name: serverName } = server;
  const { url } = await new ServersClient(host.api).open(user, serverName);
  host.school.openUrl(url);
  return url;
}

/** Return the action that opens this server as its user. */
export function useOpening(host: IHost, server: IServer, access: IAccess | null): IOpening {
  const [url, setUrl] = React.useState<string | null>(null);
  const [problem, setProblem] = React.useState<Problem | null>(null);
  const [isAsking, setAsking] = React.useState(false);
  const execute = (): void => {
    setAsking(true);
    setProblem(null);
    openServer(host, server)
      .then(setUrl, reason => setProblem(Problem.from(reason)))
      .finally(() => setAsking(false));
  };
  const action: IAction = {
    id: 'servers-open',
    label: `Open as ${server.user} in a new tab`,
    isEnabled: Boolean(access?.url) && !isAsking,
    reason: access?.detail,
    execute
  };
  return { action, url, problem };
}
