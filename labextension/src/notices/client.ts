/** The routes of notices, by what they do. All methods reject with a `Problem`. */

import type { GrowthApi } from '../api/client';
import { Polled } from '../ui/polled';
import type { INoticeDetails, INoticeDraft, INoticeList, INoticeRow } from './types';

const INTERVAL_MS = 5000;

export class NoticesClient {
  constructor(private readonly _api: GrowthApi) {}

  list(): Promise<INoticeList> {
    return this._api.request('servers/notices');
  }

  get(id: string): Promise<INoticeDetails> {
    return this._api.request(`servers/notices/${encodeURIComponent(id)}`);
  }

  post(draft: Partial<INoticeDraft>): Promise<INoticeRow> {
    return this._api.request('servers/notices', { method: 'POST', body: draft });
  }

  /** Show it until another time. */
  extend(id: string, until: Date): Promise<INoticeRow> {
    return this._api.request(`servers/notices/${encodeURIComponent(id)}`, {
      method: 'PATCH',
      body: { until: until.toISOString() }
    });
  }

  withdraw(id: string): Promise<INoticeRow> {
    return this._api.request(`servers/notices/${encodeURIComponent(id)}`, { method: 'DELETE' });
  }
}

export class NoticesModel extends Polled<INoticeList> {
  constructor(client: NoticesClient) {
    super({ load: () => client.list(), interval_ms: INTERVAL_MS });
  }
}
