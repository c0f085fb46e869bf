/** The routes of this area, by what they do. All methods reject with a `Problem`. */

import type { GrowthApi } from '../api/client';
import type { IJob, IPlan } from '../api/types';
import type {
  IImportRequest,
  IOffboardingRequest,
  IPeopleList,
  IPerson,
  IPersonChange,
  IPlanRequest,
  IPreview,
  IRosterPlan,
  ISetup
} from './types';

export class RosterClient {
  constructor(private readonly _api: GrowthApi) {}

  /** Everybody the school knows of; fresh: GitHub and the hub are asked now. */
  listPeople(isFresh = false): Promise<IPeopleList> {
    return this._api.request('roster/people', { query: { is_fresh: isFresh || null } });
  }

  /** The counts only: a few hundred bytes, whatever the school's size. */
  countPeople(): Promise<IPeopleList> {
    return this._api.request('roster/people', { query: { is_summary: true } });
  }

  updatePerson(key: string, change: Partial<IPersonChange>): Promise<IPerson> {
    return this._api.request(`roster/people/${encodeURIComponent(key)}`, {
      method: 'PATCH',
      body: change
    });
  }

  /** Have a list read; nothing is changed. */
  readList(list: Partial<IImportRequest>, signal?: AbortSignal): Promise<IPreview> {
    return this._post('roster/imports', list, signal);
  }

  plan(request: IPlanRequest, signal?: AbortSignal): Promise<IRosterPlan> {
    return this._post('roster/plans', request, signal);
  }

  apply(plan: IRosterPlan, request: IPlanRequest): Promise<IJob> {
    return this._post('roster/applications', {
      ...request,
      plan_id: plan.id,
      confirm_number: plan.confirm_number
    });
  }

  planOffboarding(request: IOffboardingRequest): Promise<IPlan> {
    return this._post('roster/offboardings/plans', request);
  }

  offboard(plan: IPlan, request: IOffboardingRequest): Promise<IJob> {
    return this._post('roster/offboardings', {
      ...request,
      plan_id: plan.id,
      confirm_number: plan.confirm_number
    });
  }

  /** Each step of the first-time setup, tried just now. */
  checkSetup(): Promise<ISetup> {
    return this._api.request('roster/setup');
  }

  private _post<T>(path: string, body: object, signal?: AbortSignal): Promise<T> {
    return this._api.request(path, { method: 'POST', body, signal });
  }
}
