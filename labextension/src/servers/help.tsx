/** Help for one user: what is wrong, what to do next, and what is known of the server. */

import * as React from 'react';

import type { IServer } from '../api/types';
import type { IAction } from '../panel/actions';
import type { IHost } from '../panel/host';
import type { AreaId } from '../tokens';
import { ActionButton, Button } from '../ui/button';
import { formatBytes } from '../ui/bytes';
import { Icon } from '../ui/icons';
import { ProblemBanner } from '../ui/problem-banner';
import { Skeleton } from '../ui/skeleton';
import { type IAnswer, useAnswer } from '../ui/use-answer';
import { ServersClient } from './client';
import { HelpLogs, PastStarts } from './help-starts';
import type { IFinding, IHelp } from './types';
import { useOpening } from './use-opening';

export interface IServerHelpProps {
  host: IHost;
  server: IServer;
  /** What can be done with this server, as in the toolbar. */
  actions: readonly IAction[];
}

const ICONS = { error: 'error', warning: 'warn', info: 'info', ok: 'ok' } as const;
const PANELS: Partial<Record<IFinding['mend'], { area: AreaId; label: string }>> = {
  starts: { area: 'startup', label: 'Open their starts' },
  scripts: { area: 'startup', label: 'Open start scripts' },
  roster: { area: 'roster', label: 'Open the roster' },
  datasets: { area: 'datasets', label: 'Open datasets' }
};

export function ServerHelp({ host, server, actions }: IServerHelpProps): JSX.Element {
  const { answer: help, problem, ask } = useHelp(host, server);
  const opening = useOpening(host, server, help?.access ?? null);
  if (problem) {
    return (
      <ProblemBanner
        problem={problem}
        doing={`Looking what is wrong with the server of ${server.user}`}
        tone="warn"
        onRetry={ask}
      />
    );
  }
  if (!help) {
    return <Skeleton what={`what is known of ${server.user}`} rows={4} />;
  }
  return (
    <section className="growth-Help" aria-label={`Help for ${server.user}`}>
      <header className="growth-Help-head">
        <h4>Help {server.user}</h4>
        <Button label="Look again" icon="refresh" isIconOnly look="link" onClick={ask} />
      </header>
      <ul className="growth-Help-findings">
        {help.findings.map(finding => (
          <li key={finding.id} className={`growth-Finding growth-mod-${finding.severity}`}>
            <Icon name={ICONS[finding.severity]} />
            <div>
              <p>
                <span className="growth-Help-severity">{finding.severity}: </span>
                {finding.sentence}
              </p>
              {finding.next_step && <p className="growth-Quiet">{finding.next_step}</p>}
              <Mend
                finding={finding}
                host={host}
                user={server.user}
                actions={actions}
                open={opening.action}
              />
            </div>
          </li>
        ))}
      </ul>
      <div className="growth-Help-access">
        <ActionButton action={opening.action} />
        <p className="growth-Quiet">
          {help.access.detail} {help.access.hint}
        </p>
        {opening.problem && (
          <ProblemBanner problem={opening.problem} doing={opening.action.label} />
        )}
        {opening.url && (
          <p role="status">
            Opened in a new tab, and recorded. If none came:{' '}
            <a href={opening.url} target="_blank" rel="noopener noreferrer">
              {opening.url}
            </a>
          </p>
        )}
      </div>
      <HomeUse help={help} />
      <PastStarts starts={help.starts} />
      <HelpLogs logs={help.logs} />
      {help.notes.map(note => (
        <p key={note} className="growth-Quiet">
          {note}
        </p>
      ))}
    </section>
  );
}

/** What is known; asked again when the server changes its state, not every few seconds. */
function useHelp({ api }: IHost, server: IServer): IAnswer<IHelp> {
  const { user, server_name: serverName, state, started } = server;
  const load = (): Promise<IHelp> => new ServersClient(api).help(user, serverName);
  return useAnswer(load, `${user}/${serverName}`, [api, state, started]);
}

interface IMendProps {
  finding: IFinding;
  host: IHost;
  user: string;
  actions: readonly IAction[];
  open: IAction;
}

/** The button that does the next step: an action of the server, or the panel where it is done. */
function Mend({ finding, host, user, actions, open }: IMendProps): JSX.Element | null {
  const { mend } = finding;
  const panel = PANELS[mend];
  if (panel) {
    return host.me.areas.includes(panel.area) ? (
      <Button
        label={finding.revision ? `${panel.label} to restore r${finding.revision}` : panel.label}
        onClick={() => host.school.open(panel.area, mend === 'starts' ? user : '')}
      />
    ) : null;
  }
  const action = mend === 'open' ? open : actions.find(({ id }) => id === `servers-${mend}`);
  return action?.isEnabled ? <ActionButton action={{ ...action, look: undefined }} /> : null;
}

/** How full the disk of the home is. */
function HomeUse({ help }: { help: IHelp }): JSX.Element | null {
  const { home } = help;
  if (!home || home.disk_size_bytes <= 0) {
    return null;
  }
  const percent = Math.round((100 * home.disk_used_bytes) / home.disk_size_bytes);
  const words = `${percent} % of ${formatBytes(home.disk_size_bytes)} used`;
  const files =
    home.files_bytes === null
      ? ''
      : `; their files take ${home.is_counted_whole ? '' : 'at least '}${formatBytes(home.files_bytes)}`;
  return (
    <div className="growth-HomeUse">
      <span>
        Disk of the home{home.source === 'start' ? ' at the last start' : ''}: {words}
        {files}
      </span>
      <div
        className="growth-HomeUse-bar"
        role="meter"
        aria-label="Disk of the home"
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={percent}
        aria-valuetext={words}
        data-level={percent >= 98 ? 'error' : percent >= 90 ? 'warn' : 'ok'}
      >
        <span style={{ width: `${Math.min(percent, 100)}%` }} />
      </div>
    </div>
  );
}
