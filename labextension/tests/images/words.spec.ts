import {
  gateWord,
  imageRows,
  lastRollBack,
  moveWord,
  nameOf,
  previousOf,
  reasonOf,
  spellGrowth,
  statusOf
} from '../../src/images/words';
import { spansOf, widthsOf } from '../../src/images/live-strip';
import { sizedOf } from '../../src/images/size-plot';
import type { IImages, IMove, ITimeline } from '../../src/images/types';
import { digestOf, FAILED, image, MISSING, move, NAME, NEXT, NOW, OLD, tag } from './samples';

const timeline = (over: Partial<ITimeline> = {}): ITimeline => ({
  name: NAME,
  tag: 'deploy',
  digest: NOW,
  moves: [move(2, NOW), move(1, OLD, { action: 'found', from_digest: '' })],
  usage: [],
  stale: 0,
  unknown: 0,
  notes: [],
  ...over
});

const images = (tags: IImages['tags']): IImages => ({
  name: NAME,
  tag: 'deploy',
  digest: NOW,
  tags,
  left_out: 0,
  notes: []
});

describe('images in rows', () => {
  it('test_rows_when_several_tags_name_one_image_then_there_is_one_with_its_best_name_first', () => {
    const rows = imageRows(
      images([
        tag('deploy', NOW, { is_live: true }),
        tag('deploy-1b1b1b1b1b1b', NOW, { is_live: true }),
        tag('git-41', NOW, { is_live: true }),
        tag('git-40', OLD)
      ]),
      timeline()
    );
    expect(rows.map(nameOf)).toEqual(['git-41', 'git-40']);
    expect(rows[0].tags).toEqual(['git-41', 'deploy', 'deploy-1b1b1b1b1b1b']);
    expect(rows[0]).toMatchObject({ isLive: true, leftAt: null });
    expect(rows[1].leftAt).toBe('2026-11-23T07:00:00Z');
  });

  it('test_servers_when_no_hub_tells_then_they_are_not_known_rather_than_none', () => {
    const rows = imageRows(images([tag('git-41', NOW), tag('git-40', OLD)]), timeline());
    expect(rows.map(({ servers }) => servers)).toEqual([null, null]);
    const usage = [{ digest: NOW, servers: 3, inferred: 0, is_live: true }];
    const known = imageRows(images([tag('git-41', NOW), tag('git-40', OLD)]), timeline({ usage }));
    expect(known.map(({ servers }) => servers)).toEqual([3, 0]);
  });

  it('test_previous_when_there_was_a_promotion_then_it_is_what_that_replaced', () => {
    const moves = [
      move(3, OLD, { from_digest: NEXT, state: 'not-moved' }),
      move(2, NOW, { from_digest: NEXT }),
      move(1, NEXT, { from_digest: OLD })
    ];
    expect(previousOf(timeline({ moves }))).toBe(NEXT);
    expect(previousOf(timeline({ moves: moves.slice(0, 1) }))).toBe('');
  });

  it('test_previous_when_the_last_move_was_a_rollback_then_there_is_none', () => {
    const moves = [
      move(3, OLD, { from_digest: NEXT, state: 'not-moved' }),
      move(2, NOW, { from_digest: NEXT, action: 'roll-back', end_digest: NOW }),
      move(1, NEXT, { from_digest: NOW })
    ];
    expect(previousOf(timeline({ moves }))).toBe('');
    expect(lastRollBack(timeline({ moves }))?.number).toBe(2);
    const later = [move(4, NEXT, { from_digest: NOW }), ...moves];
    expect(previousOf(timeline({ moves: later, digest: NEXT }))).toBe(NOW);
  });

  it('test_sizes_when_drawn_then_the_oldest_is_first_and_those_without_a_date_are_left_out', () => {
    const rows = imageRows(
      images([
        tag('b', digestOf('b0'), {
          image: image(digestOf('b0'), { created: '2026-11-02T00:00:00Z' })
        }),
        tag('a', digestOf('a0'), {
          image: image(digestOf('a0'), { created: '2026-11-01T00:00:00Z' })
        }),
        tag('c', digestOf('c0'), { image: image(digestOf('c0'), { created: null }) })
      ]),
      null
    );
    expect(sizedOf(rows).map(({ row }) => nameOf(row))).toEqual(['a', 'b']);
  });
});

describe('images in words', () => {
  it('test_gate_when_a_check_failed_then_it_is_named', () => {
    expect(gateWord(FAILED)).toMatchObject({ tone: 'error', word: 'smoke failed' });
    expect(gateWord(MISSING)).toMatchObject({ tone: 'warn', word: 'not checked' });
  });

  it('test_move_when_found_then_it_is_told_apart_from_the_first_look_and_from_a_deletion', () => {
    const found = { action: 'found', author: '' } as const;
    expect(moveWord(move(2, NEXT, found)).word).toBe('moved elsewhere');
    expect(moveWord(move(1, OLD, { ...found, from_digest: '' })).word).toBe('first seen');
    expect(moveWord(move(3, '', found)).word).toBe('tag deleted');
    expect(moveWord(move(4, NEXT, { state: 'unclear' })).tone).toBe('error');
  });

  it('test_reason_when_it_was_forced_then_both_reasons_stay', () => {
    expect(reasonOf(move(1, NEXT, { reason: 'week 4', force_reason: 'no time' }))).toBe(
      'week 4 · past its checks: no time'
    );
  });

  it('test_growth_when_larger_smaller_or_equal_then_said_so', () => {
    expect([120_000_000, -2_000_000, 0].map(spellGrowth)).toEqual([
      '120 MB more',
      '2 MB less',
      'as large'
    ]);
  });

  it('test_status_when_servers_are_stale_then_the_sidebar_counts_them', () => {
    expect(statusOf(timeline({ stale: 14 })).text).toBe(
      'deploy is sha256:1b1b1b1b1b1b; 14 servers on another'
    );
    expect(statusOf(timeline({ digest: '' }))).toEqual({ text: 'no tag deploy yet', tone: 'warn' });
  });
});

describe('what students got', () => {
  const at = (hour: number): string => `2026-11-20T${String(hour).padStart(2, '0')}:00:00Z`;
  const moved = (number: number, to: string, hour: number, over: Partial<IMove> = {}): IMove =>
    move(number, to, { time: at(hour), ended: at(hour), ...over });
  it('test_spans_when_moves_were_done_then_each_lasts_until_the_next_and_others_count_for_none', () => {
    const moves = [
      moved(4, NEXT, 13, { state: 'not-moved' }),
      moved(3, NOW, 12),
      moved(2, NEXT, 11),
      moved(1, OLD, 10)
    ];
    const spans = spansOf(timeline({ moves }), Date.parse(at(16)));
    expect(spans.map(({ digest, from, until }) => [digest, (until - from) / 3_600_000])).toEqual([
      [OLD, 1],
      [NEXT, 1],
      [NOW, 4]
    ]);
    expect(spans.map(({ isLive }) => isLive)).toEqual([false, false, true]);
  });

  it('test_widths_when_one_span_is_very_short_then_it_can_be_seen_and_all_fit', () => {
    const moves = [moved(2, NOW, 11), moved(1, OLD, 10, { ended: '2026-11-20T10:59:59Z' })];
    const widths = widthsOf(spansOf(timeline({ moves }), Date.parse(at(23))), 300);
    expect(widths[0]).toBeGreaterThanOrEqual(3);
    expect(widths.reduce((sum, one) => sum + one, 0)).toBeCloseTo(300);
  });
});
