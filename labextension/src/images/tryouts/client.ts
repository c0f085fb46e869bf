/** Packages that are tried in one's own running server. */

import type { GrowthApi } from '../../api/client';
import type { IJob, Schemas } from '../../api/types';
import { Polled } from '../../ui/polled';

export type ITryOut = Schemas['TryOut'];
export type ITryOutList = Schemas['TryOutList'];

const INTERVAL_MS = 5_000;

export class TryOutsModel extends Polled<ITryOutList> {
  constructor(api: GrowthApi) {
    super({ load: () => api.request('images/tryouts'), interval_ms: INTERVAL_MS });
  }
}

/** Begin to install a package into a kernel of its own; `list` is what installs it. */
export function startTryOut(api: GrowthApi, list: string, wanted: string): Promise<IJob> {
  return api.request('images/tryouts', { method: 'POST', body: { list, packages: [wanted] } });
}

export function deleteTryOut(api: GrowthApi, id: string): Promise<void> {
  return api.request(`images/tryouts/${encodeURIComponent(id)}`, { method: 'DELETE' });
}
