/** What can be done with servers: buttons, context menu and commands in one. */

import { Problem } from '../api/problem';
import type { IServer, ServerAction } from '../api/types';
import type { IAction } from '../panel/actions';
import type { IHost } from '../panel/host';
import { type ICriteria, type INarrowed, isAnybody, selectorOf } from './criteria';
import { courtesyFor } from './courtesy';
import { affected, keyOf, labelOf, refsOf, VERBS } from './model';
import type { IPlanning } from './planning';
import { openServer } from './use-opening';

const ACTIONS: readonly ServerAction[] = ['restart', 'start', 'stop'];
const PARTICIPLES: Record<ServerAction, string> = {
  start: 'started',
  stop: 'stopped',
  restart: 'restarted'
};

/** Return what can be done with these servers: restart, start, stop. */
export function controlActions(servers: readonly IServer[], planning: IPlanning): IAction[] {
  return ACTIONS.map(action => {
    const targets = affected(action, servers);
    const label = labelOf(action, targets.map(keyOf));
    return {
      id: `servers-${action}`,
      label,
      isEnabled: targets.length > 0,
      look: action === 'restart' ? 'primary' : undefined,
      reason:
        servers.length === 0
          ? 'Select servers first'
          : targets.length === 0
            ? `None of the selected can be ${PARTICIPLES[action]} now`
            : undefined,
      execute: () =>
        planning.start(
          { action, which: { servers: refsOf(targets) }, courtesy: courtesyFor(action, targets) },
          label
        )
    };
  });
}

/** Return what opens one server's page; going into another's is recorded, or refused. */
export function openAction(
  servers: readonly IServer[],
  host: IHost,
  onRefused: (problem: Problem | null) => void
): IAction {
  const [server] = servers;
  const url = servers.length === 1 && server.state === 'ready' ? server.url : null;
  return {
    id: 'servers-open',
    label: 'Open in a new browser tab',
    isEnabled: url !== null,
    reason: url === null ? 'Select one server that is ready' : undefined,
    execute: () => {
      onRefused(null);
      if (server.is_own && url) {
        host.school.openUrl(url);
      } else {
        openServer(host, server).catch(reason => onRefused(Problem.from(reason)));
      }
    }
  };
}

/** Return what can be done with everybody who is like this, whom the hub finds anew. */
export function likeActions(
  criteria: ICriteria,
  narrowed: INarrowed,
  planning: IPlanning
): IAction[] {
  const hasNone = isAnybody(criteria);
  return ACTIONS.map(action => {
    const targets = hasNone ? [] : affected(action, narrowed.rows);
    const count = targets.length;
    const label = `${VERBS[action]} all ${count.toLocaleString()} like this`;
    return {
      id: `servers-${action}-like`,
      label,
      isEnabled: count > 0,
      reason: hasNone
        ? 'Say which servers first: under More filters'
        : count === 0
          ? `None like this can be ${PARTICIPLES[action]} now`
          : 'The hub is asked again who is like this; the filter box and the chips do not count',
      execute: () =>
        planning.start(
          {
            action,
            which: { selector: selectorOf(criteria) },
            courtesy: courtesyFor(action, targets)
          },
          label
        )
    };
  });
}
