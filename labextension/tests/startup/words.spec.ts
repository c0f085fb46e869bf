import { spellFindings } from '../../src/startup/checks';
import { historyRows, spellOrigin, spellSkipped } from '../../src/startup/history';
import { fromEditor, hasWindowsLineEnds, toEditor } from '../../src/startup/line-ends';
import { noteOf } from '../../src/startup/panel';
import { asReport, formatBytes } from '../../src/startup/report';
import { pairOf } from '../../src/startup/use-history';
import { finding } from './fake-server';
import { publication, revision, script } from './samples';

describe('line ends', () => {
  it('of Windows stay as they are until they are mended', () => {
    const text = '#!/bin/bash\r\necho a\r\n';
    expect(hasWindowsLineEnds(text)).toBe(true);
    expect(toEditor(text)).toBe('#!/bin/bash\necho a\n');
    expect(fromEditor('#!/bin/bash\necho b\n', text)).toBe('#!/bin/bash\r\necho b\r\n');
    expect(fromEditor('a\n', 'b\n')).toBe('a\n');
  });
});

describe('the tab of a script', () => {
  it('says what is live and what is on its way', () => {
    expect(noteOf(script(), false)).toBe('● live r1');
    expect(noteOf(script({ head_revision: 3 }), false)).toBe('● live r1, r3 not live yet');
    expect(noteOf(script({ head_revision: 3 }), true)).toBe('● live r1, r4 being edited');
    expect(
      noteOf(script({ is_present: false, live_revision: null, head_revision: null }), false)
    ).toBe('○ not there');
    expect(noteOf(null, false)).toBe('');
  });
});

describe('the history', () => {
  const history = {
    revisions: [revision(3, { origin: 'restored', restored_from: 1 }), revision(2), revision(1)],
    publications: [
      publication(2, { skipped_steps: ['canary'], skip_reason: 'exam' }),
      publication(1)
    ]
  };

  it('has one row per revision, with what was skipped for it', () => {
    const rows = historyRows(history, 2);
    expect(rows.map(row => [row.revision.number, row.isLive, row.publications.length])).toEqual([
      [3, false, 0],
      [2, true, 1],
      [1, false, 1]
    ]);
    expect(spellSkipped(rows[1])).toBe('the canary skipped: exam');
    expect(spellOrigin(rows[0].revision)).toBe('restored from r1');
  });

  it('compares two revisions, or one with the live one', () => {
    const rows = historyRows(history, 2);
    expect(pairOf([rows[0], rows[2]], 2, 3)).toEqual([1, 3]);
    expect(pairOf([rows[2]], 2, 3)).toEqual([1, 2]);
    expect(pairOf([rows[1]], 2, 3)).toEqual([2, 3]);
    expect(pairOf([rows[0]], 3, 3)).toBeNull();
    expect(pairOf([], 2, 3)).toBeNull();
    expect(pairOf(rows, 2, 3)).toBeNull();
  });
});

describe('findings and reports', () => {
  it('are counted in words', () => {
    expect(spellFindings([finding(), finding(), finding({ severity: 'info' })])).toBe(
      '2 errors, 1 remark'
    );
    expect(spellFindings([])).toBe('nothing found');
  });

  it('of another shape are passed over', () => {
    expect(asReport(null)).toBeNull();
    expect(asReport({ runs: [{}], conclusions: [] })).toBeNull();
    expect(asReport({ runs: [], conclusions: [] })).not.toBeNull();
  });

  it('have sizes in the unit that fits', () => {
    expect([0, 999, 1500, 123_456_789].map(formatBytes)).toEqual([
      '0 B',
      '999 B',
      '1.5 kB',
      '123 MB'
    ]);
  });
});
