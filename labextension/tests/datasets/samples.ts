/** Datasets, probes and jobs as the server sends them. */

import type { IJob } from '../../src/api/types';
import type {
  IDataset,
  IProbe,
  IReceiptCounts,
  IReceiptRow,
  ISpace,
  IVersion
} from '../../src/datasets/types';
import { runningJob } from '../jobs';

export const GB = 1e9;
export const NO_RECEIPTS: IReceiptCounts = {
  current: 0,
  behind: 0,
  edited: 0,
  partial: 0,
  missing: 0
};

export function version(number: number, over: Partial<IVersion> = {}): IVersion {
  return {
    name: 'catalogue',
    version: `v${number}`,
    is_current: false,
    published: '2026-11-22T09:00:00Z',
    published_by: 'tom',
    size_bytes: 2 * GB,
    files: 12,
    source: {
      kind: 'drive',
      link: 'https://drive.google.com/drive/folders/abc',
      title: 'Catalogue 2026',
      validator: ''
    },
    verified_with: 'md5',
    sha256: '',
    manifest_sha256: 'ab'.repeat(32),
    is_extracted: false,
    delivery: 'link',
    note: '',
    deleted: null,
    last_check: null,
    ...over
  };
}

export function dataset(name: string, over: Partial<IDataset> = {}): IDataset {
  const versions = over.versions ?? [version(1, { name, is_current: true })];
  return {
    name,
    current: versions.find(({ deleted }) => !deleted)?.version ?? '',
    path: `/nfs/data/${name}`,
    is_managed: true,
    delivery: 'link',
    size_bytes: versions.reduce((sum, { size_bytes }) => sum + size_bytes, 0),
    versions,
    receipts: NO_RECEIPTS,
    ...over
  };
}

export function probe(over: Partial<IProbe> = {}): IProbe {
  return {
    link: 'https://drive.google.com/drive/folders/abc',
    kind: 'drive',
    title: 'Catalogue 2026, a folder on Google Drive',
    suggested_name: 'catalogue-2026',
    is_folder: true,
    files: 3,
    is_complete: true,
    size_bytes: 3 * GB,
    checksum: '',
    files_with_checksum: 3,
    modified: '2026-11-20T10:00:00Z',
    archive: '',
    archives: 0,
    credential: 'none',
    sample: [
      { path: 'stars.fits', size_bytes: 2 * GB, checksum: `md5:${'a'.repeat(32)}` },
      { path: 'raw/galaxies.fits', size_bytes: GB, checksum: `md5:${'b'.repeat(32)}` },
      { path: 'README.txt', size_bytes: 12, checksum: `md5:${'c'.repeat(32)}` }
    ],
    warnings: [],
    free_bytes: 500 * GB,
    free_after_bytes: 497 * GB,
    replaces: '',
    replaces_size_bytes: null,
    ...over
  };
}

export function space(over: Partial<ISpace> = {}): ISpace {
  return { total_bytes: 2048 * GB, free_bytes: 500 * GB, parts: [], ...over };
}

export function receiptRow(user: string, over: Partial<IReceiptRow> = {}): IReceiptRow {
  return {
    user,
    state: 'current',
    version: 'v1',
    delivery: 'link',
    time: '2026-11-23T08:00:00Z',
    edited_files: 0,
    detail: '',
    ...over
  };
}

export function job(id: string, over: Partial<IJob> = {}): IJob {
  return runningJob({
    id,
    kind: 'datasets.publish',
    area: 'datasets',
    title: `Publish ${id}`,
    created: '2026-11-23T08:00:00Z',
    created_by: 'tom',
    progress: {
      done: GB,
      total: 4 * GB,
      unit: 'B',
      message: '',
      rate_per_s: 80e6,
      eta_s: 38
    },
    is_pausable: true,
    ...over
  });
}
