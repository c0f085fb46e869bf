/** One build: where it is, its log, and what came out. */

import * as React from 'react';

import { Problem } from '../../api/problem';
import type { IAction } from '../../panel/actions';
import type { IHost } from '../../panel/host';
import { Button, DetailsActions } from '../../ui/button';
import { JobLog } from '../../ui/job-log';
import { usePolled } from '../../ui/polled';
import { ProblemBanner } from '../../ui/problem-banner';
import { Skeleton } from '../../ui/skeleton';
import { StateBadge } from '../../ui/state-badge';
import { Tabs } from '../../ui/tabs';
import { formatCount, RelativeTime } from '../../ui/time';
import { Track } from '../../ui/track';
import { BuildModel, type IBuild, type IBuildDetails, isRunning } from './client';
import { Elapsed } from './columns';
import { Changes, Checks, Licenses, Outcome, Packages } from './result';
import { instructionOf, stateWord, trackOf } from './words';

interface IBuildViewProps {
  host: IHost;
  /** As the list has it; the details come after it. */
  build: IBuild;
  actionsFor(build: IBuild): readonly IAction[];
}

export function BuildView({ host, build: listed, actionsFor }: IBuildViewProps): JSX.Element {
  const root = React.useRef<HTMLDivElement>(null);
  const { api } = host;
  const { number } = listed;
  const model = usePolled(() => new BuildModel(api, number), root, [api, number]);
  const details = model.data?.build.number === number ? model.data : null;
  const build = newestOf(listed, details?.build ?? null);
  const hasEnded = !isRunning(build);
  React.useEffect(() => {
    if (hasEnded && model.data && isRunning(model.data.build)) {
      void model.refresh();
    }
  }, [hasEnded, model]);
  const [find, setFind] = React.useState<{ text: string } | undefined>(undefined);
  // who follows the log goes on reading it when the build ends
  const [tab, setTab] = React.useState(listed.state === 'succeeded' ? 'changes' : 'log');
  const showInLog = (text: string): void => {
    setTab('log');
    setFind({ text });
  };
  return (
    <div className="growth-Build" ref={root}>
      <Head build={build} />
      <Track label="Steps of the build" steps={trackOf(build)} />
      <DetailsActions actions={actionsFor(build)} />
      {build.state === 'failed' && <Failure build={build} onShow={showInLog} />}
      {build.state === 'succeeded' && <Outcome build={build} details={details} />}
      {model.problem && (
        <ProblemBanner
          problem={model.problem}
          doing="Reading the build"
          tone="warn"
          onRetry={() => void model.refresh()}
        />
      )}
      <Tabs
        label={`About ${build.tag}`}
        current={tab}
        onChange={setTab}
        tabs={tabsOf(host, build, details, find)}
      />
    </div>
  );
}

/** Return how a build is now: the list and the details are asked at different moments. */
function newestOf(listed: IBuild, detailed: IBuild | null): IBuild {
  if (!detailed || !isRunning(listed)) {
    return listed;
  }
  const is_cancel_asked = listed.is_cancel_asked || detailed.is_cancel_asked;
  return { ...detailed, is_cancel_asked };
}

/** Who, when and why, and for how long. */
function Head({ build }: { build: IBuild }): JSX.Element {
  return (
    <p className="growth-Build-head">
      <StateBadge {...stateWord(build)} />
      <span>
        r{build.revision}, by {build.author}
        {!isRunning(build) && (
          <>
            , <RelativeTime time={build.time} />
          </>
        )}
      </span>
      {(isRunning(build) || build.took_s !== null) && (
        <span>
          {isRunning(build) ? 'for ' : 'took '}
          <Elapsed build={build} />
        </span>
      )}
      <span className="growth-Build-why">{build.reason}</span>
    </p>
  );
}

interface IFailureProps {
  build: IBuild;
  onShow(text: string): void;
}

/** What went wrong, at which line of the Dockerfile, and what to do. */
function Failure({ build, onShow }: IFailureProps): JSX.Element {
  const { problem, hint, failed_step: step } = build;
  return (
    <section className="growth-Build-failure" aria-label="Why it failed">
      <ProblemBanner
        problem={new Problem({ status: 0, title: 'The build failed', detail: problem, hint })}
      />
      {step && (
        <p>
          <span>
            It stopped at <code>{instructionOf(build)}</code>
          </span>
          <Button label="Show it in the log" look="link" onClick={() => onShow(step)} />
        </p>
      )}
    </section>
  );
}

type TabList = React.ComponentProps<typeof Tabs>['tabs'];

function tabsOf(
  host: IHost,
  build: IBuild,
  details: IBuildDetails | null,
  find: { text: string } | undefined
): TabList {
  const log = {
    id: 'log',
    label: 'Log',
    render: () => <Log host={host} build={build} find={find} />
  };
  if (build.state !== 'succeeded' && (details?.packages.length ?? 0) === 0) {
    return [log];
  }
  const shown = (render: (found: IBuildDetails) => JSX.Element) => () =>
    details ? render(details) : <Skeleton what="what is in it" rows={4} />;
  const noted = (count: number | undefined): string | undefined =>
    count === undefined ? undefined : formatCount(count);
  return [
    {
      id: 'changes',
      label: 'What changed',
      note: noted(details?.changes.length),
      render: shown(found => <Changes details={found} />)
    },
    {
      id: 'checks',
      label: 'Smoke checks',
      note: noted(details?.checks.length),
      render: shown(found => <Checks details={found} />)
    },
    {
      id: 'packages',
      label: 'Packages',
      note: noted(details?.packages.length),
      render: shown(found => <Packages details={found} />)
    },
    {
      id: 'licenses',
      label: 'Licences',
      note: noted(details?.licenses.length),
      render: shown(found => <Licenses details={found} />)
    },
    log
  ];
}

interface ILogProps {
  host: IHost;
  build: IBuild;
  find: { text: string } | undefined;
}

function Log({ host, build, find }: ILogProps): JSX.Element {
  const { job_id: id, tag } = build;
  return id ? (
    <JobLog
      key={id}
      label={`Log of ${tag}`}
      load={offset => host.api.getJobLog(id, offset)}
      find={find}
    />
  ) : (
    <p className="growth-Empty">The log was put away with its job.</p>
  );
}
