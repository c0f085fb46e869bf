import { looksLikeLink } from '../../src/datasets/draft';
import { guessOf } from '../../src/datasets/intake/guess';
import { spellReplaced } from '../../src/datasets/intake/probe-facts';
import { groupLeft } from '../../src/datasets/intake/unfinished';
import { jobsToShow, sayOnce } from '../../src/jobs/section';
import { spaceRows } from '../../src/datasets/model';
import { earlierOf } from '../../src/datasets/shelf/actions';
import { segmentsOf } from '../../src/datasets/shelf/space-plot';
import {
  faultOfChecksum,
  faultOfName,
  spellCheck,
  spellReceipts,
  statusOf,
  trustOf
} from '../../src/datasets/words';
import { formatBytes } from '../../src/ui/bytes';
import { dataset, GB, job, NO_RECEIPTS, probe, space, version } from './samples';

describe('formatBytes', () => {
  it('says an amount as the server does', () => {
    expect([0, 1, 999, 1000, 1024, 1500, 99_400, 99_600, 999_600, 3e14].map(formatBytes)).toEqual([
      '0 B',
      '1 B',
      '999 B',
      '1 kB',
      '1 kB',
      '1.5 kB',
      '99.4 kB',
      '100 kB',
      '1 MB',
      '300 TB'
    ]);
    expect(formatBytes(-2 * GB)).toBe('−2 GB');
  });
});

describe('a name', () => {
  it('may be what becomes a folder', () => {
    expect(['catalogue', 'DR12_v2.1', '1', 'a'.repeat(64)].map(faultOfName)).toEqual([
      '',
      '',
      '',
      ''
    ]);
  });

  it('is refused with the reason', () => {
    expect(faultOfName('')).toMatch(/Give/);
    expect(faultOfName('a'.repeat(65))).toMatch(/64/);
    expect(faultOfName('.hidden')).toMatch(/Begin/);
    expect(faultOfName('my data')).toMatch(/Only letters/);
    expect(faultOfName('../etc')).not.toBe('');
    expect(faultOfName('Uploads')).toMatch(/meaning/);
  });
});

describe('a checksum', () => {
  it('is recognised by its algorithm or its length', () => {
    const hex = 'A1'.repeat(32);
    expect(
      ['', '  ', hex, `sha256:${hex}`, `SHA-256: ${hex}`, 'b'.repeat(32)].map(faultOfChecksum)
    ).toEqual(['', '', '', '', '', '']);
  });

  it('is refused when its length does not fit', () => {
    for (const text of [
      'abc',
      `md5:${'a'.repeat(64)}`,
      'sha256:',
      'crc32:12345678',
      'g'.repeat(64)
    ]) {
      expect(faultOfChecksum(text)).toMatch(/sha256/);
    }
  });
});

describe('a link', () => {
  it('is looked at by itself when it is whole', () => {
    for (const text of [
      'https://drive.google.com/drive/folders/abc',
      'http://127.0.0.1:8000/file',
      'https://zenodo.org/records/1',
      'upload:abc',
      '/nfs/incoming/a.zip',
      '10.5281/zenodo.1234'
    ]) {
      expect(looksLikeLink(text)).toBe(true);
    }
    for (const text of ['', 'https://', 'https', 'drive', '/']) {
      expect(looksLikeLink(text)).toBe(false);
    }
  });
});

describe('guessOf', () => {
  it('makes a name that can be published from any file name', () => {
    const titles = [
      'night 12.tar.gz',
      'Größe.zip',
      'run7',
      '数据.csv',
      'a..zip',
      '.hidden',
      'x.7Z'
    ];
    for (const title of titles) {
      const { suggested_name } = guessOf(title, 1);
      expect(suggested_name === '' || faultOfName(suggested_name) === '').toBe(true);
    }
    expect(guessOf('night 12.tar.gz', 1)).toEqual({
      suggested_name: 'night-12',
      archive: 'tar.gz'
    });
    expect(guessOf('run.zip', 3)).toEqual({ suggested_name: 'run.zip', archive: '' });
  });
});

describe('receipts', () => {
  it('are spelled with what needs a look first', () => {
    expect(spellReceipts({ current: 1290, behind: 12, edited: 6, partial: 0, missing: 1 })).toBe(
      `1 missing, 12 behind, 6 edited, ${(1290).toLocaleString()} current`
    );
    expect(spellReceipts(NO_RECEIPTS)).toBe('');
  });
});

describe('trustOf', () => {
  const check = {
    time: '2026-11-23T08:00:00Z',
    by: 'tom',
    files: 12,
    damaged: 1,
    missing: 0,
    added: 2,
    examples: []
  };

  it('says plainly what nobody could verify', () => {
    expect(trustOf(version(1, { verified_with: '' })).word).toBe('unverified against source');
    expect(trustOf(version(1)).word).toBe('verified');
  });

  it('is overruled by a check that found something', () => {
    expect(trustOf(version(1, { last_check: check }))).toMatchObject({
      tone: 'error',
      word: 'not as published'
    });
    expect(spellCheck(check)).toBe('1 damaged, 2 that nobody published; 12 files in the manifest');
    expect(spellCheck({ ...check, damaged: 0, added: 0 })).toBe('all 12 files as published');
  });
});

describe('the line in the sidebar', () => {
  const behind = (count: number): typeof NO_RECEIPTS => ({ ...NO_RECEIPTS, behind: count });

  it('counts datasets and who is behind', () => {
    const all = [dataset('a'), dataset('b', { receipts: behind(3) })];
    expect(statusOf(all, []).text).toBe('2 datasets, 3 students behind on b');
    expect(statusOf([...all, dataset('c', { receipts: behind(1) })], []).text).toBe(
      '3 datasets, students behind on 2 of them'
    );
    expect(statusOf([], []).text).toBe('0 datasets');
  });

  it('says what runs, and what waits for somebody', () => {
    expect(statusOf([], [job('a'), job('b', { state: 'succeeded' })]).text).toBe('1 job at work');
    const problem = { title: 'quota', detail: '', hint: '' };
    const paused = job('c', { state: 'pending', is_paused: true, problem });
    expect(statusOf([], [job('a'), paused])).toEqual({
      text: '1 job paused and waiting',
      tone: 'warn'
    });
  });
});

describe('jobsToShow', () => {
  it('keeps what goes on, what failed, and what I finished just now', () => {
    const now = Date.parse('2026-11-23T08:30:00Z');
    const jobs = [
      job('running', { created_by: 'maria' }),
      job('failed', { state: 'failed', created_by: 'maria', ended: '2026-11-20T08:00:00Z' }),
      job('mine', { state: 'succeeded', ended: '2026-11-23T08:20:00Z' }),
      job('mine-old', { state: 'succeeded', ended: '2026-11-23T07:00:00Z' }),
      job('hers', { state: 'succeeded', created_by: 'maria', ended: '2026-11-23T08:20:00Z' })
    ];
    expect(jobsToShow(jobs, 'tom', now).map(({ id }) => id)).toEqual(['running', 'failed', 'mine']);
  });
});

describe('sayOnce', () => {
  it('adds to a title what it does not say', () => {
    expect(sayOnce('Published a v1: 6 files, 23 kB', '6 files, 23 kB, unverified')).toBe(
      'Published a v1: 6 files, 23 kB, unverified'
    );
    expect(sayOnce('Published a v1', '')).toBe('Published a v1');
  });
});

describe('space', () => {
  const parts = [
    { name: 'a', what: 'current' as const, size_bytes: 5 * GB },
    { name: 'b', what: 'current' as const, size_bytes: 7 * GB },
    { name: 'a', what: 'trash' as const, size_bytes: 4 * GB },
    { name: 'empty', what: 'current' as const, size_bytes: 0 }
  ];

  it('is summed by dataset, the largest first', () => {
    expect(spaceRows(space({ parts })).map(row => [row.name, row.size_bytes / GB])).toEqual([
      ['a', 9],
      ['b', 7]
    ]);
    expect(spaceRows(space({ parts }))[0]).toMatchObject({ current: 5 * GB, trash: 4 * GB });
  });

  it('is drawn so that the parts make up the whole disk', () => {
    const disk = space({ parts, total_bytes: 100 * GB, free_bytes: 60 * GB });
    const segments = segmentsOf(disk);
    expect(segments.map(({ label }) => label)).toEqual(['a', 'b', 'everything else', 'free']);
    expect(segments.reduce((sum, { size_bytes }) => sum + size_bytes, 0)).toBe(100 * GB);
  });

  it('names the largest and counts the others', () => {
    const many = Array.from({ length: 9 }, (_, index) => ({
      name: `d${index}`,
      what: 'current' as const,
      size_bytes: GB
    }));
    expect(segmentsOf(space({ parts: many }))[5].label).toBe('4 other datasets');
  });
});

describe('what a publication replaces', () => {
  const shelf = {
    datasets: [dataset('a', { versions: [version(3)] })],
    space: space(),
    problems: []
  };

  it('is told from the list, by the name that was chosen', () => {
    expect(spellReplaced('a', probe(), shelf)).toMatch(/^a v3 \(2 GB\), which is kept/);
    expect(spellReplaced('b', probe({ replaces: 'v9' }), shelf)).toBe('nothing: b is new');
    const plain = dataset('a', { is_managed: false, versions: [], current: '' });
    expect(spellReplaced('a', null, { ...shelf, datasets: [plain] })).toMatch(/plain folder/);
  });

  it('is told from the probe while the list is not there', () => {
    const known = probe({ replaces: 'v9', suggested_name: 'a' });
    expect(spellReplaced('a', known, null)).toMatch(/^a v9, which is kept/);
  });
});

describe('earlierOf', () => {
  it('is the newest that stood before the current one and is not in the trash', () => {
    const versions = [
      version(4),
      version(3, { is_current: true }),
      version(1),
      version(2, { deleted: '2026-11-22T00:00:00Z' })
    ];
    expect(earlierOf(dataset('a', { current: 'v3', versions }))?.version).toBe('v1');
    expect(earlierOf(dataset('a'))).toBeNull();
  });
});

describe('groupLeft', () => {
  it('puts uploads of one drop together', () => {
    const upload = {
      id: '1',
      name: 'a.fits',
      relativePath: 'run7/a.fits',
      batch: 'x',
      size_bytes: 1,
      offset_bytes: 1,
      created: '',
      created_by: 'tom',
      isComplete: true,
      link: 'upload:batch:x'
    };
    const groups = groupLeft([
      upload,
      { ...upload, id: '2', relativePath: 'run7/b/c.fits', isComplete: false },
      { ...upload, id: '3', batch: '', name: 'alone.zip', relativePath: '' }
    ]);
    expect(groups.map(({ title, isComplete }) => [title, isComplete])).toEqual([
      ['run7', false],
      ['alone.zip', true]
    ]);
  });
});
