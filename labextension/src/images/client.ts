/** The routes of this area, by what they do. All methods reject with a `Problem`. */

import type { GrowthApi } from '../api/client';
import type { Schemas } from '../api/types';
import type {
  ICheckRequest,
  ICheckResult,
  IImageDetails,
  IImagePlan,
  IMoved,
  ITimeline
} from './types';

export class ImagesClient {
  constructor(private readonly _api: GrowthApi) {}

  list(): Promise<Schemas['ImageList']> {
    return this._api.request('images');
  }

  getTimeline(): Promise<ITimeline> {
    return this._api.request('images/timeline');
  }

  /** One image by its tag or digest, with what checks found and what of it is gone. */
  get(image: string): Promise<IImageDetails> {
    return this._api.request(`images/tags/${encodeURIComponent(image)}`);
  }

  addResult(digest: string, result: ICheckRequest): Promise<ICheckResult> {
    return this._api.request(`images/tags/${encodeURIComponent(digest)}/results`, {
      method: 'POST',
      body: result
    });
  }

  /** What would happen if the tag named this image: a tag, a digest or the beginning of one. */
  plan(target: string, signal?: AbortSignal): Promise<IImagePlan> {
    return this._api.request('images/plans', { method: 'POST', body: { target }, signal });
  }

  promote(plan: IImagePlan, reason: string, forceReason: string): Promise<IMoved> {
    const body: Schemas['PromoteRequest'] = {
      plan_id: plan.id,
      digest: plan.to_digest,
      reason,
      force_reason: forceReason
    };
    return this._api.request('images/promotions', { method: 'POST', body });
  }

  /** Refused when the tag names something else by now than the plan says. */
  rollBack(plan: IImagePlan, reason: string): Promise<IMoved> {
    const body: Schemas['RollBackRequest'] = {
      digest: plan.to_digest,
      expected_digest: plan.from_digest,
      reason
    };
    return this._api.request('images/rollbacks', { method: 'POST', body });
  }
}
