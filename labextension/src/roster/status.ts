/** The roster's line in the sidebar. */

import type { IAreaStatus } from '../panel/area';
import { formatCount } from '../ui/time';
import type { IPeopleList } from './types';

/** Return "312 active · 7 expired": who is in, and who hangs. */
export function statusOf(counts: IPeopleList['counts']): IAreaStatus {
  const { expired = 0, failed = 0 } = counts;
  const waiting = (counts.invited ?? 0) + (counts.queued ?? 0);
  const known = Object.values(counts).reduce((sum, count) => sum + count, 0);
  if (known === 0) {
    return { text: 'nobody yet' };
  }
  const words = [
    `${formatCount(counts.active ?? 0)} active`,
    expired > 0 && `${formatCount(expired)} expired`,
    failed > 0 && `${formatCount(failed)} failed`,
    waiting > 0 && `${formatCount(waiting)} invited`,
    counts.unlisted && `${formatCount(counts.unlisted)} not on the roster`
  ];
  return {
    text: words.filter(Boolean).join(' · '),
    tone: expired + failed > 0 ? 'warn' : undefined
  };
}
