import * as React from 'react';

import type { GrowthApi } from '../api/client';
import type { IJob, IMe } from '../api/types';
import type { IArea, IAreaStatus } from '../panel/area';
import { Icon } from '../ui/icons';
import { isEnded, lookOf } from '../ui/job-row';
import { Polled, usePolled } from '../ui/polled';

const STATUS_INTERVAL_MS = 60_000;

interface IAreaLineProps {
  area: IArea;
  me: IMe;
  api: GrowthApi;
  /** What the sidebar knows already; without it the area is asked. */
  known?: IAreaStatus;
  /** Another text when something may have changed; the area is asked again then. */
  stamp?: string;
  onOpen(): void;
}

/** An area with one line of status: what it lacks, how it is, or what it is for. */
export function AreaLine({ area, me, api, known, stamp, onOpen }: IAreaLineProps): JSX.Element {
  const line = React.useRef<HTMLButtonElement>(null);
  const asked = usePolled(
    () =>
      new Polled<IAreaStatus | null>({
        load: async () => (await area.getStatus?.(api)) ?? null,
        interval_ms: STATUS_INTERVAL_MS
      }),
    line,
    [area, api]
  );
  const lastStamp = React.useRef(stamp);
  React.useEffect(() => {
    if (lastStamp.current !== undefined && lastStamp.current !== stamp) {
      void asked.refresh();
    }
    lastStamp.current = stamp;
  }, [asked, stamp]);
  const isTold = area.isStatusFirst && asked.data && !asked.problem;
  const missing = isTold ? undefined : me.missing.find(item => item.area === area.id);
  const status: IAreaStatus = missing
    ? { text: missing.what, tone: 'warn' }
    : asked.problem
      ? { text: asked.problem.title, tone: 'warn' }
      : (known ?? asked.data ?? { text: area.caption });
  return (
    <button
      ref={line}
      type="button"
      className="growth-AreaLine"
      onClick={onOpen}
      title={missing?.hint ?? asked.problem?.message ?? area.caption}
    >
      <area.icon.react tag="span" className="growth-AreaLine-icon" width="18px" height="18px" />
      <span className="growth-AreaLine-text">
        <span>{area.label}</span>
        <span className="growth-AreaLine-status">
          {status.tone && <Icon name={status.tone} />} {status.text}
        </span>
      </span>
    </button>
  );
}

/** Return how jobs are: those that run and those that failed and were not put away. */
export function jobsStatus(jobs: readonly IJob[] | null): IAreaStatus | undefined {
  if (!jobs) {
    return undefined;
  }
  const running = jobs.filter(job => !isEnded(job)).length;
  const failed = jobs.filter(job => job.state === 'failed').length;
  const words = [running > 0 && `${running} running`, failed > 0 && `${failed} failed`];
  return {
    text: words.filter(Boolean).join(', ') || 'none running',
    tone: failed > 0 ? 'error' : undefined
  };
}

/** Return a text that differs when a job of this area has begun, paused or ended. */
export function jobsStamp(jobs: readonly IJob[] | null, area: string): string | undefined {
  return jobs
    ?.filter(job => job.area === area)
    .map(job => `${job.id} ${lookOf(job).word}`)
    .join('\n');
}
