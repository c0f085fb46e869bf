/** Checks of an image, which are jobs. */

import type { GrowthApi } from '../../api/client';
import type { IJob } from '../../api/types';

export const CHECK = 'images.check';

/** Begin to check an image: its own checks, then the canary. */
export function startCheck(api: GrowthApi, digest: string): Promise<IJob> {
  return api.request(`images/tags/${encodeURIComponent(digest)}/checks`, {
    method: 'POST',
    body: { repeats_smoke: false }
  });
}
