/** Pre-pulls of an image, which are jobs. */

import type { GrowthApi } from '../../api/client';
import type { IJob } from '../../api/types';

export const PREPULL = 'images.prepull';

/** Let every node fetch an image; the job that does so already, if there is one. */
export function startPrePull(api: GrowthApi, digest: string): Promise<IJob> {
  return api.request(`images/tags/${encodeURIComponent(digest)}/prepulls`, { method: 'POST' });
}
