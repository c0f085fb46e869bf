/** The routes of this area, by what they do. All methods reject with a `Problem`. */

import type { GrowthApi } from '../api/client';
import type { IJob, IPlan, IReceipt } from '../api/types';
import type { IChange, IDatasetList, IProbe, IReceiptTable } from './types';

export class DatasetsClient {
  constructor(private readonly _api: GrowthApi) {}

  list(): Promise<IDatasetList> {
    return this._api.request('datasets');
  }

  /** Ask what a link stands for; nothing is fetched. */
  probe(link: string, name: string, signal?: AbortSignal): Promise<IProbe> {
    return this._post('datasets/probes', { link, name }, signal);
  }

  plan(change: IChange, signal?: AbortSignal): Promise<IPlan> {
    return this._post('datasets/plans', { change }, signal);
  }

  apply(planId: string, change: IChange): Promise<IJob> {
    return this._post('datasets/applications', { plan_id: planId, change });
  }

  /** Take a version, or with none the whole dataset, out of the trash. */
  undelete(name: string, version: string): Promise<IReceipt> {
    return this._post(`${pathOf(name)}/undeletions`, { version });
  }

  /** Hash a version again and compare it with its manifest; empty: the current one. */
  verify(name: string, version: string): Promise<IJob> {
    return this._post(`${pathOf(name)}/verifications`, { version });
  }

  listReceipts(name: string): Promise<IReceiptTable> {
    return this._api.request(`${pathOf(name)}/receipts`);
  }

  private _post<T>(path: string, body: object, signal?: AbortSignal): Promise<T> {
    return this._api.request(path, { method: 'POST', body, signal });
  }
}

function pathOf(name: string): string {
  return `datasets/${encodeURIComponent(name)}`;
}
