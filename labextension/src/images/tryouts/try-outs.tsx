/** Packages for a quick look in one's own server: what is being tried, and that it does not last. */

import * as React from 'react';

import { Problem } from '../../api/problem';
import type { IHost } from '../../panel/host';
import { Button } from '../../ui/button';
import { formatBytes } from '../../ui/bytes';
import { type Polled, usePolled } from '../../ui/polled';
import { ProblemBanner } from '../../ui/problem-banner';
import { StateBadge, type Tone } from '../../ui/state-badge';
import { plural } from '../../ui/time';
import { deleteTryOut, type ITryOut, type ITryOutList, startTryOut, TryOutsModel } from './client';

const WORDS: Record<ITryOut['state'], { tone: Tone; word: string }> = {
  pending: { tone: 'busy', word: 'waiting' },
  running: { tone: 'busy', word: 'installing' },
  succeeded: { tone: 'ok', word: 'ready' },
  failed: { tone: 'error', word: 'failed' },
  cancelled: { tone: 'warn', word: 'cancelled' }
};

const NO_APT =
  'Packages of apt are not tried in a running server: it takes root. Plan to add it, build, and ' +
  'try the image on a canary.';

/** What the form of the packages hands over to. */
export interface ITrying {
  polled: Polled<ITryOutList>;
  problem: Problem | null;
  doing: string;
  isBusy: boolean;
  start(list: string, wanted: string): void;
  /** Why packages of a list cannot be tried here; empty if they can, or if it is not known yet. */
  whyNot(list: string): string;
  cancel(tried: ITryOut): void;
  remove(tried: ITryOut): void;
  dismiss(): void;
}

export function useTrying({ api }: IHost, root: React.RefObject<HTMLElement>): ITrying {
  const polled = usePolled(() => new TryOutsModel(api), root, [api]);
  const [problem, setProblem] = React.useState<Problem | null>(null);
  const [doing, setDoing] = React.useState('');
  const [isBusy, setBusy] = React.useState(false);
  const run = (what: string, action: () => Promise<unknown>): void => {
    setDoing(what);
    setProblem(null);
    setBusy(true);
    action()
      .catch(reason => setProblem(Problem.from(reason)))
      .finally(() => {
        setBusy(false);
        void polled.refresh();
      });
  };
  return {
    polled,
    problem,
    doing,
    isBusy,
    start: (list, wanted) => run(`Trying ${wanted}`, () => startTryOut(api, list, wanted)),
    whyNot: list =>
      list === 'apt' ? NO_APT : (list === 'conda' && polled.data?.conda_problem) || '',
    cancel: tried => run(`Cancelling ${tried.kernel}`, () => api.cancelJob(tried.job_id ?? '')),
    remove: tried => run(`Removing ${tried.kernel}`, () => deleteTryOut(api, tried.id)),
    dismiss: () => setProblem(null)
  };
}

export function TryOuts({ trying }: { trying: ITrying }): JSX.Element | null {
  const tried = trying.polled.data?.tryouts ?? [];
  return (
    <>
      {trying.problem && (
        <ProblemBanner problem={trying.problem} doing={trying.doing} onDismiss={trying.dismiss} />
      )}
      {tried.length > 0 && (
        <section className="growth-TryOuts" aria-label="Tried in your server">
          <h4>Tried in your server, not lasting</h4>
          <p className="growth-Quiet">
            Each is a kernel in Lab&apos;s list. It goes when your server ends; no student has it.
            To keep a package, plan to add it, and build.
          </p>
          <ul>
            {tried.map(one => (
              <Tried key={one.id} tried={one} trying={trying} />
            ))}
          </ul>
        </section>
      )}
    </>
  );
}

function Tried({ tried, trying }: { tried: ITryOut; trying: ITrying }): JSX.Element {
  const isWorking = tried.state === 'pending' || tried.state === 'running';
  const installed = tried.installed ?? [];
  const others = installed.filter(({ instead_of }) => instead_of);
  const said = [
    installed.length > 0 && plural(installed.length, 'new package'),
    typeof tried.size_bytes === 'number' && formatBytes(tried.size_bytes),
    ...others.map(one => `${one.name} ${one.version} instead of ${one.instead_of}`)
  ].filter(Boolean);
  return (
    <li>
      <StateBadge {...WORDS[tried.state]} />
      <span className="growth-TryOuts-name" title={tried.kernel}>
        {tried.kernel}
      </span>
      <span className="growth-Quiet">{said.join(' · ')}</span>
      {isWorking ? (
        <Button
          label="Cancel"
          isDisabled={trying.isBusy || !tried.job_id}
          onClick={() => trying.cancel(tried)}
        />
      ) : (
        <Button
          label="Remove"
          title={`Remove ${tried.kernel}. Kernels that run with it go on until they are shut down`}
          isDisabled={trying.isBusy}
          onClick={() => trying.remove(tried)}
        />
      )}
      {[tried.problem, ...(tried.warnings ?? [])].filter(Boolean).map(sentence => (
        <p className="growth-TryOuts-why" key={sentence}>
          {sentence}
        </p>
      ))}
    </li>
  );
}
