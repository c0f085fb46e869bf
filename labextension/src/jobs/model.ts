/** Jobs of the areas that are open to me, newest first. */

import type { GrowthApi } from '../api/client';
import type { IJob } from '../api/types';
import { Polled } from '../ui/polled';

const INTERVAL_MS = 3000;

/** Asks often while something runs, and less and less while nothing changes. */
export class JobsModel extends Polled<IJob[]> {
  constructor(
    private readonly _api: GrowthApi,
    filter: { area?: string } = {}
  ) {
    super({ load: () => _api.listJobs(filter), interval_ms: INTERVAL_MS });
  }

  async cancelJob(job: IJob): Promise<void> {
    await this._api.cancelJob(job.id);
    await this.refresh();
  }

  async pauseJob(job: IJob): Promise<void> {
    await this._api.pauseJob(job.id);
    await this.refresh();
  }

  async resumeJob(job: IJob): Promise<void> {
    await this._api.resumeJob(job.id);
    await this.refresh();
  }

  async dismissJob(job: IJob): Promise<void> {
    await this._api.dismissJob(job.id);
    await this.refresh();
  }
}
