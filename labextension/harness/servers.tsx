/** Servers over a hub in memory: `?page=servers`, `&state=many|empty|down|rollout|told|dark`; `servers-cell`. */

import * as React from 'react';

import type { IServer } from '../src/api/types';
import type { IHost } from '../src/panel/host';
import { ServersPanel } from '../src/servers/panel';
import { ADA, FakeServers } from '../tests/servers/fake-servers';
import {
  ENDED,
  job,
  NEW,
  OLD,
  server,
  TOLD_ENDED,
  toldJob,
  UNKNOWN
} from '../tests/servers/samples';
import { makeHost } from '../tests/host';
import { PanelPage } from './page';

const LONG = `${'maria-de-los-angeles-fernandez-garcia'}-1x`;
const MARKUP = '<img src=x onerror=alert(1)>';
const MANY = 10_000;

const ago = (minutes: number): string => new Date(Date.now() - minutes * 60_000).toISOString();

function student(index: number): IServer {
  const idle = (index * 7) % 95;
  const isOff = index % 11 === 4;
  const isOld = index % 4 === 1;
  return server(`student-${index}`, {
    state: isOff ? 'stopped' : index % 37 === 5 ? 'spawning' : 'ready',
    ready_since: isOff ? null : ago(100 + index / 10),
    last_activity: ago(idle),
    idle_since: !isOff && idle >= 10 ? ago(idle) : null,
    groups: [index % 9 === 8 ? 'tas' : 'participants'],
    image_digest: isOld ? OLD : NEW,
    scripts: { 'as-root.sh': 14, 'as-user.sh': index % 5 === 2 ? 30 : 31 },
    is_old_revision: index % 5 === 2,
    start_result: index % 23 === 7 ? 'failed' : index % 41 === 9 ? 'timed-out' : 'ok',
    data:
      index % 6 === 3
        ? [
            { name: 'catalogue', state: 'behind' },
            { name: 'moons', state: 'edited' }
          ]
        : [{ name: 'catalogue', state: 'current' }],
    ...(index % 13 === 6 ? UNKNOWN : {})
  });
}

function makeServers(state: string): FakeServers {
  const fake = new FakeServers();
  if (state !== 'empty') {
    fake.servers = [
      server(LONG, { groups: ['participants', 'evening-group-with-a-long-name'] }),
      server(MARKUP, { groups: [MARKUP], image: MARKUP, image_digest: null }),
      server('ada', { groups: ['admins'], is_own: true }),
      server('ada', { server_name: 'canary', groups: ['admins'], image_digest: OLD }),
      ...Array.from({ length: state === 'many' ? MANY : 340 }, (_, index) => student(index))
    ];
  }
  if (state === 'dark') {
    fake.servers = fake.servers.map(one => ({ ...one, ...UNKNOWN }));
    fake.notes = ['What the last starts did is not known. /home/admin/logs did not answer in 5 s.'];
  }
  if (state === 'down') {
    fake.refused = 'servers';
    fake.refusal = {
      status: 503,
      title: 'The hub did not answer',
      detail: 'http://hub:8081/hub/api did not answer within 10 s.',
      hint: 'Wait a minute. A rollout that runs goes on by itself. See R04-the-hub-was-restarted.'
    };
  }
  if (state === 'rollout') {
    fake.jobs = [
      job('one'),
      job('two', { is_paused: true, state: 'pending', title: `Restart ${LONG} and 11 others` }),
      job('three', ENDED)
    ];
  }
  if (state === 'told') {
    fake.jobs = [
      toldJob('one'),
      { ...toldJob('two'), is_paused: true, state: 'pending' },
      job('three', TOLD_ENDED)
    ];
  }
  return fake;
}

export function ServersPage({
  state,
  place
}: {
  state: string;
  place: IHost['place'];
}): JSX.Element {
  const host = React.useMemo(() => makeHost(makeServers(state).api, ADA, place), [state, place]);
  return (
    <PanelPage place={place}>
      <ServersPanel host={host} />
    </PanelPage>
  );
}
