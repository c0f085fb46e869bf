/** A running rollout in numbers, from what its job tells. */

import type { IJob } from '../api/types';

export type WaveState = 'done' | 'now' | 'next';

export interface IRollout {
  wave: number;
  waves: number;
  inFlight: number;
  maxInFlight: number;
  done: number;
  failed: number;
  skipped: number;
  left: number;
  total: number;
  /** The rest is left alone once more than this part of those tried has failed. */
  stopAtPercent: number | null;
  told: ITold | null;
}

/** What came back from users who were told; null where nobody was. */
export interface ITold {
  warned: number;
  saw: number;
  saved: number;
  unsaved: number;
  wantedTime: number;
  ready: number;
  busy: number;
  /** When the next of those who wait is to go, in seconds since 1970; null when nobody waits. */
  next_s: number | null;
}

/** More waves than this are told by their number, not drawn. */
export const WAVES_DRAWN = 24;

/** Return how far a job of servers is; null before it has told anything. */
export function rolloutOf({ progress }: Pick<IJob, 'progress'>): IRollout | null {
  const counts = progress?.counts ?? {};
  if (!progress || counts.waves === undefined) {
    return null;
  }
  const of = (name: string): number => counts[name] ?? 0;
  return {
    wave: of('wave'),
    waves: of('waves'),
    inFlight: of('in_flight'),
    maxInFlight: of('max_in_flight'),
    done: of('done'),
    failed: of('failed'),
    skipped: of('skipped'),
    left: of('left'),
    total: progress.total ?? 0,
    stopAtPercent: counts.stop_at_percent ?? null,
    told: toldOf({ progress })
  };
}

/** Return what users said, while their servers wait and afterwards. */
export function toldOf({ progress }: Pick<IJob, 'progress'>): ITold | null {
  const counts = progress?.counts ?? {};
  const of = (name: string): number => counts[name] ?? 0;
  return of('warned') === 0
    ? null
    : {
        warned: of('warned'),
        saw: of('saw'),
        saved: of('saved'),
        unsaved: of('unsaved'),
        wantedTime: of('wanted_time'),
        ready: of('ready'),
        busy: of('busy'),
        next_s: counts.restart_at_s ?? null
      };
}

/** Return each wave as it is: ● ● ◐ ○ ○. Nobody waits between waves, so "now" is the earliest. */
export function wavesOf({ wave, waves }: IRollout, isOver: boolean): WaveState[] {
  return Array.from({ length: waves }, (_, index) =>
    isOver || index + 1 < wave ? 'done' : index + 1 === wave ? 'now' : 'next'
  );
}

/** Return the keys of the servers of a receipt that ended so. */
export function targetsOf(job: Pick<IJob, 'receipt'>, result: string): string[] {
  return (job.receipt?.items ?? []).filter(item => item.result === result).map(item => item.target);
}
