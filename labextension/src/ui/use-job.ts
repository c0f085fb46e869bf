import * as React from 'react';

import type { GrowthApi } from '../api/client';
import { Problem } from '../api/problem';
import type { IJob } from '../api/types';
import { isEnded } from './job-row';

const POLL_MS = 1000;

/** Follow one job until it ends. `id` null follows none; a failed look-up is tried again. */
export function useJob(
  api: GrowthApi,
  id: string | null
): { job: IJob | null; problem: Problem | null } {
  const [job, setJob] = React.useState<IJob | null>(null);
  const [problem, setProblem] = React.useState<Problem | null>(null);
  React.useEffect(() => {
    setJob(null);
    setProblem(null);
    if (id === null) {
      return;
    }
    let timer: number | undefined;
    let wait_ms = POLL_MS;
    const stop = new AbortController();
    const ask = async (): Promise<void> => {
      try {
        const next = await api.getJob(id, stop.signal);
        wait_ms = POLL_MS;
        if (stop.signal.aborted) {
          return;
        }
        setJob(next);
        setProblem(null);
        if (isEnded(next)) {
          return;
        }
      } catch (reason) {
        if (stop.signal.aborted) {
          return;
        }
        wait_ms = Math.min(wait_ms * 2, 30_000);
        setProblem(Problem.from(reason));
      }
      timer = window.setTimeout(() => void ask(), wait_ms);
    };
    void ask();
    return () => {
      stop.abort();
      window.clearTimeout(timer);
    };
  }, [api, id]);
  return { job: job?.id === id ? job : null, problem };
}
