/** Checks of an image, which are jobs. */

import type { GrowthApi } from '../../api/client';
import type { IJob } from '../../api/types';

const KIND = 'images.check';

/** Begin to check an image: its own checks, then the canary. */
export function startCheck(api: GrowthApi, digest: string): Promise<IJob> {
  return api.request(`images/tags/${encodeURIComponent(digest)}/checks`, {
    method: 'POST',
    body: { repeats_smoke: false }
  });
}

/** The newest check of an image whose job was not put away, whoever began it. */
export async function lastCheck(api: GrowthApi, digest: string): Promise<IJob | null> {
  const jobs = await api.listJobs({ area: 'images' });
  const subject = `images/tags/${digest}`;
  return jobs.find(job => job.kind === KIND && job.subject === subject) ?? null;
}

/** One step of a check, as its receipt tells it. */
export interface ICheckStep {
  target: string;
  action: string;
  result: string;
  detail: string;
}

/** Return the steps of a check that has ended. */
export function stepsOf(job: IJob): ICheckStep[] {
  const items = (job.receipt as { items?: ICheckStep[] } | null)?.items;
  return Array.isArray(items) ? items : [];
}
