import { filterRows, toCsv } from '../../src/ui/table/columns';
import { chipsFor, COLUMNS } from '../../src/startup/starts/columns';
import { splitLog } from '../../src/startup/starts/log-lines';
import {
  spellData,
  spellFault,
  spellImage,
  spellRevisions,
  START_STATES
} from '../../src/startup/starts/states';
import { keyOf, membersOf, rowsOf, statusOf, worstFirst } from '../../src/startup/starts/summary';
import { refOf, spellRestart } from '../../src/startup/starts/use-restart';
import { group, startRow } from './samples';

describe('rows', () => {
  it('come with what hurts most on top, the newest start first', () => {
    const rows = [
      startRow('a'),
      startRow('b', { state: 'failed', started: '2026-11-23T08:00:00Z' }),
      startRow('c', { state: 'never-started', started: null }),
      startRow('d', { state: 'failed', started: '2026-11-23T08:10:00Z' })
    ];
    expect(worstFirst(rows).map(row => row.user)).toEqual(['d', 'b', 'c', 'a']);
  });

  it('of a group are those of its users and named servers', () => {
    const rows = [startRow('a'), startRow('b'), startRow('b', { server_name: 'canary' })];
    const fault = group(['a'], ['b/canary']);
    expect(membersOf(fault)).toEqual(['a', 'b/canary']);
    expect(rowsOf(rows, fault).map(keyOf)).toEqual(['a', 'b/canary']);
    expect(rowsOf(rows, null)).toBe(rows);
  });

  it('are found by user, error, state and image', () => {
    const rows = [
      startRow('jane-doe', { state: 'timed-out', error: 'ran longer' }),
      startRow('liam')
    ];
    const found = (text: string): string[] => filterRows(rows, COLUMNS, text).map(row => row.user);
    expect(found('JANE timed')).toEqual(['jane-doe']);
    expect(found('2026.11')).toEqual(['jane-doe', 'liam']);
    expect(found('nobody')).toEqual([]);
  });

  it('are copied as CSV with a formula made harmless', () => {
    const csv = toCsv([startRow('x', { state: 'failed', error: '=cmd()', script: '' })], COLUMNS);
    expect(csv.split('\r\n')[0]).toBe('User,State,When,Took,What went wrong,Scripts,Image,Data');
    expect(csv).toContain("'=cmd()");
  });
});

describe('chips', () => {
  it('stand for each state that occurs, and for those one wants to see at 0', () => {
    const chips = chipsFor({ ok: 2, 'sick-mount': 1 });
    expect(chips.map(({ id }) => id)).toEqual([
      'failed',
      'timed-out',
      'sick-mount',
      'never-started',
      'ok'
    ]);
    expect(chips[2].test(startRow('a', { state: 'sick-mount' }))).toBe(true);
    expect(chips[2].test(startRow('a'))).toBe(false);
  });
});

describe('statusOf', () => {
  const counts = (over: Record<string, number>): { counts: Record<string, number> } => ({
    counts: over
  });

  it('says how many went wrong of how many', () => {
    expect(statusOf(counts({ ok: 306, failed: 4, 'timed-out': 2, 'never-started': 9 }))).toEqual({
      text: '6 of 312 starts went wrong',
      tone: 'error'
    });
    expect(statusOf(counts({ ok: 3, 'empty-log': 1 }))).toEqual({
      text: '1 of 4 starts need a look',
      tone: 'warn'
    });
    expect(statusOf(counts({ ok: 3 })).tone).toBeUndefined();
    expect(statusOf(counts({ 'never-started': 3 })).text).toBe('no server has started yet');
  });
});

describe('words', () => {
  it('tell how a start ended', () => {
    const failed = startRow('a', {
      script: 'as-user.sh',
      exit_code: 127,
      error: 'line 20: no host'
    });
    expect(spellFault(failed)).toBe('as-user.sh line 20: no host (exit code 127)');
    expect(spellFault(startRow('a', { script: 'as-root.sh', signal: 9 }))).toBe(
      'as-root.sh (signal 9)'
    );
    expect(spellFault(startRow('a'))).toBe('');
  });

  it('tell which image ran, by its tag and the end of its digest', () => {
    expect(spellImage(startRow('a'))).toBe('notebook:2026.11 …9a41f');
    expect(spellImage({ image: '', image_digest: '' })).toBe('');
    expect(spellRevisions(startRow('a', { candidate: 'abcdef0123' }))).toBe('candidate abcdef0');
  });

  it('tell which datasets a start left', () => {
    expect(spellData(startRow('a'))).toBe('');
    const data = [
      { name: 'catalogue', version: 'v3', state: 'current' as const },
      { name: 'moons', version: 'v1', state: 'edited' as const },
      { name: 'plain', version: '', state: 'current' as const }
    ];
    expect(spellData(startRow('a', { data }))).toBe('catalogue v3, moons v1 (edited), plain');
  });

  it('exist for every state', () => {
    expect(Object.values(START_STATES).every(({ word, meaning }) => word && meaning)).toBe(true);
  });

  it('name servers as keys do', () => {
    expect(refOf('jane/canary')).toEqual({ user: 'jane', server_name: 'canary' });
    expect(refOf('jane')).toEqual({ user: 'jane', server_name: '' });
    expect([spellRestart(['jane']), spellRestart(['a', 'b'])]).toEqual([
      'Restart jane',
      'Restart these 2'
    ]);
  });
});

describe('splitLog', () => {
  it('cuts a log into runs of one stream', () => {
    expect(splitLog('a\nb\nc\nd\n', [[2, 3]])).toEqual([
      { isStderr: false, firstLine: 1, text: 'a' },
      { isStderr: true, firstLine: 2, text: 'b\nc' },
      { isStderr: false, firstLine: 4, text: 'd' }
    ]);
  });

  it('takes spans in any order, overlapping or beyond the end', () => {
    expect(
      splitLog('a\nb\nc', [
        [3, 9],
        [1, 1],
        [1, 2]
      ]).map(run => [run.isStderr, run.text])
    ).toEqual([
      [true, 'a'],
      [true, 'b'],
      [true, 'c']
    ]);
    expect(splitLog('', [[1, 4]])).toEqual([]);
    expect(splitLog('a\n', [])).toHaveLength(1);
  });
});
