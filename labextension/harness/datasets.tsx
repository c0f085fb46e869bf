/** The datasets panel over a school in memory: `?page=datasets`, `?page=upload`, `&state=...`. */

import * as React from 'react';

import '../src/datasets/style';
import { DatasetsView, UploadView } from '../src/datasets/views';
import { FakeQueue } from '../tests/datasets/fake-queue';
import { FakeSchool, TA } from '../tests/datasets/fake-school';
import {
  dataset,
  GB,
  job,
  NO_RECEIPTS,
  probe,
  receiptRow,
  space,
  version
} from '../tests/datasets/samples';
import { makeHost } from '../tests/host';
import { PanelPage } from './page';

const LONG = `${'a-very-long-name-of-a-survey-'.repeat(2)}dr12`;
const MARKUP = '<img src=x onerror=alert(1)>';

function fill(school: FakeSchool): void {
  school.datasets = [
    dataset('catalogue', {
      versions: [
        version(3, {
          is_current: true,
          published: new Date(Date.now() - 3_600_000).toISOString(),
          note: 'with the new <b>photometry</b>',
          last_check: {
            time: new Date(Date.now() - 600_000).toISOString(),
            by: 'maria',
            files: 12,
            damaged: 0,
            missing: 0,
            added: 0,
            examples: []
          }
        }),
        version(2, { verified_with: '' }),
        version(1, { deleted: '2026-11-22T11:00:00Z' })
      ],
      receipts: { current: 290, behind: 12, edited: 6, partial: 3, missing: 1 }
    }),
    dataset(LONG, {
      versions: [
        version(1, {
          name: LONG,
          verified_with: '',
          published_by: 'maria-de-los-angeles-fernandez-garcia-1',
          size_bytes: 812 * GB,
          files: 100_000,
          source: {
            kind: 'http',
            link: `https://example.org/${'x'.repeat(90)}.tar.gz`,
            title: MARKUP,
            validator: ''
          }
        })
      ],
      receipts: { ...NO_RECEIPTS, current: 1000 }
    }),
    dataset('broken', {
      versions: [
        version(1, {
          name: 'broken',
          sha256: 'cd'.repeat(32),
          files: 1,
          delivery: 'copy',
          last_check: {
            time: new Date(Date.now() - 86_000_000).toISOString(),
            by: 'tom',
            files: 1,
            damaged: 1,
            missing: 0,
            added: 2,
            examples: ['stars.fits', MARKUP]
          }
        })
      ]
    }),
    dataset('old-survey', {
      versions: [version(1, { name: 'old-survey', deleted: '2026-11-23T06:00:00Z' })]
    }),
    dataset('scratch', { is_managed: false, versions: [], size_bytes: 42 * GB, current: '' })
  ];
  school.space = space({
    parts: [
      { name: 'catalogue', what: 'current', size_bytes: 120 * GB },
      { name: 'catalogue', what: 'earlier', size_bytes: 110 * GB },
      { name: 'catalogue', what: 'trash', size_bytes: 30 * GB },
      { name: LONG, what: 'current', size_bytes: 812 * GB },
      { name: 'scratch', what: 'unmanaged', size_bytes: 42 * GB },
      { name: 'broken', what: 'current', size_bytes: 22 * GB },
      { name: 'old-survey', what: 'trash', size_bytes: 18 * GB },
      { name: 'small-one', what: 'current', size_bytes: 4 * GB },
      { name: 'small-two', what: 'current', size_bytes: 3 * GB }
    ]
  });
  const states = ['current', 'behind', 'edited', 'partial', 'missing'] as const;
  school.receipts.catalogue = {
    name: 'catalogue',
    current: 'v3',
    counts: school.datasets[0].receipts,
    unreadable: 1,
    rows: Array.from({ length: 312 }, (_, index) =>
      receiptRow(index === 3 ? MARKUP : `student-${index}`, {
        state: states[index % 17 < 5 ? index % 5 : 0],
        version: index % 17 < 5 && index % 5 ? 'v2' : 'v3',
        edited_files: index % 17 < 5 && index % 5 === 2 ? 3 : 0
      })
    )
  };
  school.jobs = [
    job('one', { title: 'Publish catalogue from Catalogue 2026' }),
    job('two', {
      title: 'Publish spectra from Spectra',
      state: 'pending',
      is_paused: true,
      problem: {
        title: 'Google Drive lets nobody download this file now',
        detail: 'Too many people have downloaded spectra.zip lately (24-hour quota).',
        hint: 'It goes on where it stopped: try again in some hours, or copy the file to another Drive.'
      }
    })
  ];
}

function makeSchool(state: string): FakeSchool {
  const school = new FakeSchool();
  school.probe = link =>
    link.includes('single')
      ? probe({
          title: 'stars.tar.gz, a file on a web server',
          kind: 'http',
          is_folder: false,
          files: 1,
          files_with_checksum: 0,
          archive: 'tar.gz',
          suggested_name: 'stars',
          sample: [],
          warnings: ['The server does not honour ranges: a cut connection begins at 0 again.'],
          free_after_bytes: -3 * GB
        })
      : link.includes('refuse')
        ? {
            status: 422,
            title: 'The source gave no data',
            detail: 'Google Drive asks for a sign-in: the folder is not shared with everybody.',
            hint: 'In Drive: Share, General access, Anyone with the link. Then look again.'
          }
        : link.includes('slow')
          ? new Promise(() => undefined)
          : probe({ suggested_name: 'catalogue' });
  if (state !== 'empty') {
    fill(school);
  }
  if (state === 'many') {
    school.datasets = Array.from({ length: 1000 }, (_, index) =>
      dataset(`dataset-${index}`, {
        receipts: { current: index % 300, behind: index % 7, edited: 0, partial: 0, missing: 0 }
      })
    );
    school.space.parts = school.datasets.map(({ name }, index) => ({
      name,
      what: 'current',
      size_bytes: index * 1_000_000_0
    }));
  }
  if (state === 'down') {
    school.refusal = {
      status: 503,
      title: 'The shared disk does not answer',
      detail: '/nfs/data did not answer within 5 s.',
      hint: 'Wait a minute; if it stays, tell whoever keeps the storage.'
    };
  }
  return school;
}

export function DatasetsPage({ page, state }: { page: string; state: string }): JSX.Element {
  const place = page === 'upload' ? 'notebook' : 'lab';
  const host = React.useMemo(() => makeHost(makeSchool(state).api, TA, place), [place, state]);
  const queue = React.useMemo(() => {
    const made = new FakeQueue();
    if (state === 'uploads') {
      made.drops = [
        made.make('a', 'night-12.tar.gz', [['night-12.tar.gz', 5 * GB]], 0.34),
        made.make(
          'b',
          'run7',
          [
            ['a.fits', GB],
            [LONG, GB],
            [MARKUP, GB]
          ],
          0.1,
          'paused'
        ),
        made.make('c', 'done.zip', [['done.zip', GB]], 1)
      ];
      made.unfinished = [
        {
          id: 'u1',
          name: 'big.zip',
          relativePath: '',
          batch: '',
          size_bytes: 9 * GB,
          offset_bytes: 4 * GB,
          created: new Date(Date.now() - 7_200_000).toISOString(),
          created_by: 'tom',
          isComplete: false,
          link: ''
        }
      ];
    }
    return made;
  }, [state]);
  const View = page === 'upload' ? UploadView : DatasetsView;
  return (
    <PanelPage place={place}>
      <View host={host} queue={queue} />
    </PanelPage>
  );
}
