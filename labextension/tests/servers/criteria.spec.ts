import {
  ANYBODY,
  type ICriteria,
  imagesOf,
  lackOf,
  narrow,
  selectorOf,
  teamsOf
} from '../../src/servers/criteria';
import { readPace, textOf } from '../../src/servers/pace-fields';
import { spellStop } from '../../src/servers/rollouts';
import { rolloutOf, targetsOf, wavesOf } from '../../src/servers/waves';
import { resultOf, spellData, spellImage, spellScripts } from '../../src/servers/words';
import { ENDED, job, NEW, OLD, PACE, server, UNKNOWN } from './samples';

const NOW = Date.parse('2026-11-23T08:00:00Z');
const ROWS = [
  server('ada', { groups: ['admins'] }),
  server('ada', { server_name: 'canary', image_digest: OLD }),
  server('old', { image_digest: OLD, is_old_revision: true, start_result: 'failed' }),
  server('idle', { last_activity: '2026-11-23T05:00:00Z' }),
  server('dark', UNKNOWN),
  server('off', { ...UNKNOWN, state: 'stopped', last_activity: null })
];

function kept(criteria: Partial<ICriteria>): [string[], number] {
  const { rows, unknown } = narrow(ROWS, { ...ANYBODY, ...criteria }, NOW);
  return [rows.map(({ user }) => user), unknown];
}

describe('criteria', () => {
  it('test_narrow_when_nothing_is_asked_then_the_same_rows_come_back', () => {
    expect(narrow(ROWS, ANYBODY, NOW).rows).toBe(ROWS);
  });

  it.each<[Partial<ICriteria>, string[], number]>([
    [{ imageNot: NEW }, ['old'], 1],
    [{ isOldRevision: true }, ['old'], 1],
    [{ result: 'failed' }, ['old'], 1],
    [{ team: 'admins' }, ['ada'], 0],
    [{ idleMin: 60 }, ['idle'], 0],
    [{ imageNot: NEW, team: 'admins' }, [], 0]
  ])('test_narrow_when_%j_is_asked_then_only_known_default_servers_match', (asked, names, more) => {
    expect(kept(asked)).toEqual([names, more]);
  });

  it('test_narrow_when_a_digest_is_asked_then_who_has_only_a_tag_may_be_like_it', () => {
    const tagged = [server('tagged', { image_digest: null })];
    const digest = narrow(tagged, { ...ANYBODY, imageNot: NEW }, NOW);
    expect([digest.rows.length, digest.unknown]).toEqual([0, 1]);
    const tag = narrow(tagged, { ...ANYBODY, imageNot: 'registry.example/school:2025' }, NOW);
    expect([tag.rows.length, tag.unknown]).toEqual([1, 0]);
  });

  it('test_narrow_when_a_tag_is_asked_then_who_has_only_a_digest_may_be_like_it', () => {
    const bare = [server('bare', { image: null })];
    const { rows, unknown } = narrow(bare, { ...ANYBODY, imageNot: 'registry.example/x:1' }, NOW);
    expect([rows.length, unknown]).toEqual([0, 1]);
  });

  it.each<[Partial<ICriteria>, string]>([
    [{ imageNot: NEW }, 'which digest they run'],
    [{ imageNot: 'school:2026' }, 'which image they run'],
    [{ result: 'failed' }, 'how they started last'],
    [{ imageNot: NEW, isOldRevision: true }, 'which digest they run or how they started last']
  ])('test_lack_when_%j_is_asked_then_only_that_is_said_not_to_be_known', (asked, lack) => {
    expect(lackOf({ ...ANYBODY, ...asked })).toBe(lack);
  });

  it('test_selector_when_made_then_it_says_the_same_to_the_server', () => {
    const made = selectorOf({
      team: 'participants',
      imageNot: NEW,
      isOldRevision: true,
      idleMin: 30,
      result: 'failed'
    });
    expect(made).toEqual({
      groups: ['participants'],
      states: [],
      name: '',
      image_not: NEW,
      is_old_revision: true,
      idle_min: 30,
      start_results: ['failed'],
      has_named: false
    });
  });

  it('test_options_when_counted_then_the_most_frequent_comes_first', () => {
    expect(imagesOf(ROWS).map(({ label, count }) => [label, count])).toEqual(
      [
        ['school:2026 …b52e1', 2],
        ['school:2026 …a41f0', 2]
      ].sort()
    );
    expect(teamsOf(ROWS)[0]).toEqual({ value: 'participants', label: 'participants', count: 5 });
  });
});

describe('pace', () => {
  it('test_pace_when_typed_then_percent_becomes_a_ratio', () => {
    expect(textOf(PACE)).toEqual({ inFlight: '10', canaries: '1', failures: '10' });
    expect(readPace({ inFlight: '5', canaries: '2', failures: '25' }, PACE)).toEqual({
      ...PACE,
      max_in_flight: 5,
      canary_count: 2,
      stop_at_failures: 0.25
    });
  });

  it.each([
    [{ inFlight: '0' }, 'inFlight'],
    [{ inFlight: '101' }, 'inFlight'],
    [{ inFlight: '' }, 'inFlight'],
    [{ canaries: '-1' }, 'canaries'],
    [{ failures: '1e2' }, 'failures']
  ])('test_pace_when_%j_is_typed_then_the_field_is_named', (typed, field) => {
    expect(readPace({ ...textOf(PACE), ...typed }, PACE)).toBe(field);
  });

  it.each([
    [0, 'stops at the first failure'],
    [10, 'stops at 10 % failures'],
    [100, 'does not stop at failures']
  ])('test_stop_when_it_is_at_%s_percent_then_it_is_said_in_words', (percent, words) => {
    expect(spellStop(percent)).toBe(words);
  });
});

describe('waves', () => {
  it('test_waves_when_the_third_of_five_runs_then_two_are_done_and_two_are_next', () => {
    const rollout = rolloutOf(job('one'));
    expect(rollout).toMatchObject({ inFlight: 10, failed: 1, left: 12, total: 43 });
    expect(rollout && wavesOf(rollout, false)).toEqual(['done', 'done', 'now', 'next', 'next']);
    expect(rolloutOf({ progress: null })).toBeNull();
  });

  it('test_receipt_when_some_failed_then_they_are_named', () => {
    expect(targetsOf({ receipt: ENDED.receipt ?? null }, 'failed')).toEqual([
      'student-7',
      'student-8'
    ]);
  });
});

describe('words', () => {
  it('test_words_when_something_is_not_known_then_nothing_is_said', () => {
    const dark = server('dark', UNKNOWN);
    expect([spellScripts(dark), spellData(dark), spellImage(null, null)]).toEqual(['', '', '']);
  });

  it('test_words_when_known_then_short', () => {
    expect(spellScripts({ scripts: { 'as-root.sh': 14, 'as-user.sh': null } })).toBe(
      'root r14, user own text'
    );
    expect(spellData({ data: [{ name: 'moons', state: 'behind' }] })).toBe('moons behind');
    expect(resultOf('constructor')).toEqual({ tone: 'info', word: 'constructor' });
  });
});
