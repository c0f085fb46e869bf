/** Who changed what: the trail, asked with the filters that the server applies. */

import type { GrowthApi, IAuditQuery } from '../api/client';
import type { IAuditPage } from '../api/types';
import { Polled } from '../ui/polled';

const INTERVAL_MS = 30_000;

/** Most entries that are asked for at once. */
export const LIMIT = 1000;

export class AuditModel extends Polled<IAuditPage> {
  constructor(api: GrowthApi, query: IAuditQuery) {
    super({
      load: () => api.listAuditEntries({ limit: LIMIT, ...query }),
      interval_ms: INTERVAL_MS
    });
  }
}
