/** The newest job of one kind about one image, whoever began it, and beginning another. */

import * as React from 'react';

import type { GrowthApi } from '../api/client';
import { Problem } from '../api/problem';
import type { IJob } from '../api/types';
import { isEnded } from '../ui/job-row';
import { useJob } from '../ui/use-job';

export interface IImageJob {
  job: IJob | null;
  isOver: boolean;
  problem: Problem | null;
  /** It is being begun, or the newest one is still being looked up. */
  isBusy: boolean;
  start(): void;
}

/** Follow the newest job that was not put away. `begin` asks for one and must not change. */
export function useImageJob(
  api: GrowthApi,
  digest: string,
  kind: string,
  begin: (api: GrowthApi, digest: string) => Promise<IJob>
): IImageJob {
  const [id, setId] = React.useState<string | null>(null);
  const [problem, setProblem] = React.useState<Problem | null>(null);
  const [isBusy, setBusy] = React.useState(false);
  const { job } = useJob(api, id);
  const shown = React.useRef('');
  React.useEffect(() => {
    let isOver = false;
    shown.current = digest;
    setId(null);
    setBusy(false);
    setProblem(null);
    newest(api, digest, kind).then(
      found => !isOver && setId(found?.id ?? null),
      reason => !isOver && setProblem(Problem.from(reason))
    );
    return () => {
      isOver = true;
    };
  }, [api, digest, kind]);
  const start = (): void => {
    const isShown = (): boolean => shown.current === digest; // another may be by the answer
    setBusy(true);
    setProblem(null);
    begin(api, digest)
      .then(begun => isShown() && setId(begun.id))
      .catch(reason => isShown() && setProblem(Problem.from(reason)))
      .finally(() => isShown() && setBusy(false));
  };
  return {
    job,
    isOver: job !== null && isEnded(job),
    problem,
    isBusy: isBusy || (id !== null && job === null),
    start
  };
}

async function newest(api: GrowthApi, digest: string, kind: string): Promise<IJob | null> {
  const jobs = await api.listJobs({ area: 'images' });
  const subject = `images/tags/${digest}`;
  return jobs.find(job => job.kind === kind && job.subject === subject) ?? null;
}

/** One thing that a job did, as its receipt tells it. */
export interface IReceiptItem {
  target: string;
  action: string;
  result: string;
  detail: string;
}

/** Return the items of the receipt of a job that has ended. */
export function itemsOf(job: IJob): IReceiptItem[] {
  const items = (job.receipt as { items?: IReceiptItem[] } | null)?.items;
  return Array.isArray(items) ? items : [];
}
