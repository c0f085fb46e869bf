/** Moving the tag: ask for a plan, look at it, do it or leave it. */

import * as React from 'react';

import type { IReceipt } from '../api/types';
import type { IHost } from '../panel/host';
import { type IAsking, noPlan, usePlan } from '../panel/use-plan';
import { ImagesClient } from './client';
import type { IImagePlan } from './types';

export interface IMoving extends IAsking {
  /** The plan that is being looked at. */
  plan: IImagePlan | null;
  /** Ask what would happen if the tag named this image; one that is still asked is forgotten. */
  start(target: string, doing: string): void;
  /** Plan the same again. */
  again(): void;
  /** Do it; rejects with a `Problem`. */
  apply(reason: string, forceReason: string): Promise<{ receipt: IReceipt }>;
  close(receipt?: IReceipt): void;
}

export function useMoving(host: IHost): IMoving {
  const { api } = host;
  const client = React.useMemo(() => new ImagesClient(api), [api]);
  const { planned, isAsking, problem, doing, ask, close } = usePlan<{ plan: IImagePlan }>(host);
  const plan = planned?.plan ?? null;
  const start: IMoving['start'] = (target, what) =>
    ask(async signal => ({ plan: await client.plan(target, signal) }), what);
  return {
    plan,
    isAsking,
    problem,
    doing,
    start,
    again: () => plan && start(plan.to_digest, doing),
    apply: async (reason, forceReason) => {
      if (!plan) {
        throw noPlan();
      }
      const { receipt } = isRollBack(plan)
        ? await client.rollBack(plan, reason)
        : await client.promote(plan, reason, forceReason);
      return { receipt };
    },
    close
  };
}

/** Return whether students had this image before. */
export function isRollBack({ action }: IImagePlan): boolean {
  return action === 'roll-back';
}
