/** How the school is, line by line. */

import type { GrowthApi } from '../api/client';
import { Polled } from '../ui/polled';
import type { Tone } from '../ui/state-badge';
import { plural } from '../ui/time';
import type { ILine, IOverview, LineState } from './types';

const INTERVAL_MS = 15_000;
const UNDER_WAY_INTERVAL_MS = 2_000;

/** So many lines fit one look; the rest is folded. */
export const MOST_LINES = 10;

export const TONES: Record<LineState, Tone> = {
  ok: 'ok',
  warning: 'warn',
  error: 'error',
  unknown: 'idle'
};

export const WORDS: Record<LineState, string> = {
  ok: 'good',
  warning: 'look at it',
  error: 'wrong',
  unknown: 'not known'
};

export class OverviewModel extends Polled<IOverview> {
  constructor(api: GrowthApi) {
    super({ load: () => getOverview(api) });
  }

  override get interval_ms(): number {
    const isUnderWay = this.data?.lines.some(line => line.is_under_way);
    return isUnderWay ? UNDER_WAY_INTERVAL_MS : INTERVAL_MS;
  }
}

export function getOverview(api: GrowthApi): Promise<IOverview> {
  return api.request('overview');
}

export interface IFolded {
  /** Red and amber lines, worst first, as many as fit one look. */
  shown: readonly ILine[];
  /** Red and amber ones beyond that. */
  more: readonly ILine[];
  /** Neither red nor amber, and yet in sight. */
  pinned: readonly ILine[];
  unknown: readonly ILine[];
  good: readonly ILine[];
}

/** Return what stands on the page and what is folded into a count. */
export function fold(lines: readonly ILine[], most = MOST_LINES): IFolded {
  const isBad = (line: ILine): boolean => line.state === 'error' || line.state === 'warning';
  const pinned = lines.filter(line => line.is_pinned && !isBad(line));
  const of = (state: LineState): ILine[] =>
    lines.filter(line => line.state === state && !pinned.includes(line));
  const bad = [...of('error'), ...of('warning')];
  const others = 2 + pinned.length; // the unknown ones and the good ones take a line each
  const fits = bad.length + others <= most ? bad.length : most - others - 1;
  return {
    shown: bad.slice(0, fits),
    more: bad.slice(fits),
    pinned,
    unknown: of('unknown'),
    good: of('ok')
  };
}

/** Return how the school is in a sentence. */
export function sentenceOf({ counts }: IOverview): string {
  const { error = 0, warning = 0, unknown = 0, ok = 0 } = counts;
  const said = [
    error > 0 && `${plural(error, 'thing')} wrong`,
    warning > 0 && `${plural(warning, 'thing')} to look at`,
    unknown > 0 && `${unknown} not known`
  ].filter(Boolean);
  return said.length > 0 ? `${said.join(', ')}, ${ok} good` : `All ${plural(ok, 'thing')} are good`;
}

/** Return the page as plain text, for a mail or a chat. */
export function textOf(lines: readonly ILine[]): string {
  return lines.map(line => `${WORDS[line.state]}: ${line.title}: ${line.sentence}`).join('\n');
}
