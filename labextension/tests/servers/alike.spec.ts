import { readFileSync } from 'fs';
import { join } from 'path';

import type { IServer } from '../../src/api/types';
import { ANYBODY, type ICriteria, lackOf, narrow, selectorOf } from '../../src/servers/criteria';
import type { ISelector } from '../../src/servers/types';
import { server, UNKNOWN } from './samples';

/** A server and a question; `tests/unit/servers/test_alike.py` asks the server's side the same. */
interface ICase {
  what: string;
  asked: Partial<ISelector>;
  /** What is known of the last start; nothing of what is missing. */
  row?: Partial<IServer>;
  /** Minutes since the last activity, 5 where that is not the matter; null: nobody knows. */
  last_min?: number | null;
  found: 'yes' | 'no' | 'unknown';
  lack?: string;
}

const TABLE = join(__dirname, '../../../tests/unit/servers/alike.json');
const CASES: ICase[] = JSON.parse(readFileSync(TABLE, 'utf8'));
const NOW = Date.parse('2026-11-23T08:00:00Z');
const COUNTS = { yes: [1, 0], no: [0, 0], unknown: [0, 1] };

function criteriaOf(asked: ICase['asked']): ICriteria {
  return {
    team: asked.groups?.[0] ?? ANYBODY.team,
    imageNot: asked.image_not ?? ANYBODY.imageNot,
    isOldRevision: asked.is_old_revision ?? ANYBODY.isOldRevision,
    idleMin: asked.idle_min ?? ANYBODY.idleMin,
    result: asked.start_results?.[0] ?? ANYBODY.result
  };
}

function rowOf({ row, last_min = 5 }: ICase): IServer {
  const last_activity = last_min === null ? null : new Date(NOW - last_min * 60_000).toISOString();
  return server('jane-doe', { ...UNKNOWN, ...row, groups: ['students'], last_activity });
}

describe('servers that are alike', () => {
  it.each(CASES.map(one => [one.what, one] as const))(
    'test_filter_when_%s_then_it_shows_what_a_selector_finds',
    (_, one) => {
      const criteria = criteriaOf(one.asked);
      const { rows, unknown } = narrow([rowOf(one)], criteria, NOW);
      expect([rows.length, unknown]).toEqual(COUNTS[one.found]);
      expect(selectorOf(criteria)).toMatchObject(one.asked);
      if (one.lack) {
        expect(lackOf(criteria)).toBe(one.lack);
      }
    }
  );
});
