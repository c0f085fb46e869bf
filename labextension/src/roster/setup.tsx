import * as React from 'react';

import type { IHost } from '../panel/host';
import { Button } from '../ui/button';
import { ProblemBanner } from '../ui/problem-banner';
import { Skeleton } from '../ui/skeleton';
import { StateBadge, type Tone } from '../ui/state-badge';
import { RefreshButton } from '../ui/toolbar';
import type { SetupModel } from './model';
import type { ICheck, ISetup } from './types';

const STATES: Record<ICheck['state'], { tone: Tone; word: string }> = {
  ok: { tone: 'ok', word: 'done' },
  missing: { tone: 'error', word: 'missing' },
  warning: { tone: 'warn', word: 'to look at' },
  unknown: { tone: 'idle', word: 'not known' }
};

const CREDENTIALS: Record<string, string> = {
  app: 'Connected as a GitHub App',
  token: 'Connected with a token',
  none: 'Not connected to GitHub yet'
};

/** Return the steps that are missing. */
export function missingOf(setup: ISetup | null): ICheck[] {
  return (setup?.checks ?? []).filter(({ state }) => state === 'missing');
}

/** What an admin does once, each step tried just now. */
export function SetupView({ host, model }: { host: IHost; model: SetupModel }): JSX.Element {
  const { data, problem } = model;
  const done = data?.checks.filter(({ state }) => state === 'ok').length ?? 0;
  return (
    <section className="growth-Setup" aria-label="First-time setup">
      <div className="growth-Toolbar">
        {data && (
          <span>
            <b>{`${done} of ${data.checks.length} steps done`}</b>
            {` · ${CREDENTIALS[data.credential] ?? data.credential}`}
            {data.organization && ` · organization ${data.organization}`}
          </span>
        )}
        <span className="growth-Toolbar-space" />
        <RefreshButton polled={model} />
      </div>
      {problem && (
        <ProblemBanner
          problem={problem}
          doing="Checking the setup"
          tone={data ? 'warn' : 'error'}
          onRetry={() => void model.refresh()}
        />
      )}
      {!data && !problem && <Skeleton what="the setup" />}
      <ol className="growth-Setup-checks">
        {data?.checks.map(check => (
          <CheckLine key={check.id} check={check} host={host} />
        ))}
      </ol>
      {data && (
        <p className="growth-Empty-runbook">
          Runbook: <code>admin-notebooks/O00-first-time-setup.ipynb</code>
        </p>
      )}
    </section>
  );
}

function CheckLine({ check, host }: { check: ICheck; host: IHost }): JSX.Element {
  const isWeb = /^https?:\/\//.test(check.link);
  return (
    <li className="growth-Setup-check" data-state={check.state}>
      <StateBadge {...STATES[check.state]} />
      <div>
        <strong>{check.title}</strong>
        {check.detail && <p>{check.detail}</p>}
        {check.hint && check.state !== 'ok' && <p>{check.hint}</p>}
        {isWeb && check.state !== 'ok' && (
          <Button
            label="Open the page at GitHub"
            title={check.link}
            onClick={() => host.school.openUrl(check.link)}
          />
        )}
      </div>
    </li>
  );
}
