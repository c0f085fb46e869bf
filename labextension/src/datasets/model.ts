/** What is published, asked again and again while somebody looks. */

import type { GrowthApi } from '../api/client';
import { Polled } from '../ui/polled';
import { DatasetsClient } from './client';
import type { IDataset, IDatasetList, IReceiptTable, ISpace, IVersion } from './types';

const LIST_INTERVAL_MS = 10_000;
const RECEIPTS_INTERVAL_MS = 15_000;

export type IShelf = Omit<IDatasetList, 'as_of'>;

export class DatasetsModel extends Polled<IShelf> {
  constructor(api: GrowthApi) {
    const client = new DatasetsClient(api);
    super({
      load: async () => {
        // eslint-disable-next-line @typescript-eslint/no-unused-vars -- differs in each answer
        const { as_of, ...shelf } = await client.list();
        return shelf;
      },
      interval_ms: LIST_INTERVAL_MS
    });
  }
}

export class ReceiptsModel extends Polled<IReceiptTable> {
  constructor(api: GrowthApi, name: string) {
    const client = new DatasetsClient(api);
    super({ load: () => client.listReceipts(name), interval_ms: RECEIPTS_INTERVAL_MS });
  }
}

/** Return the version that students read, if there is one. */
export function currentOf(dataset: IDataset): IVersion | null {
  return dataset.versions.find(({ version }) => version === dataset.current) ?? null;
}

/** Return those that can be restored or deleted, newest first. */
export function keptOf(dataset: IDataset): IVersion[] {
  return dataset.versions.filter(({ deleted }) => !deleted);
}

export function trashOf(dataset: IDataset): IVersion[] {
  return dataset.versions.filter(({ deleted }) => deleted);
}

/** The bytes of one dataset on the shared disk, by what they are. */
export interface ISpaceRow {
  name: string;
  size_bytes: number;
  current: number;
  earlier: number;
  trash: number;
  staging: number;
  unmanaged: number;
}

/** Return the space by dataset, the largest first. */
export function spaceRows(space: ISpace): ISpaceRow[] {
  const rows = new Map<string, ISpaceRow>();
  for (const part of space.parts) {
    const row = rows.get(part.name) ?? { ...NO_SPACE, name: part.name };
    row[part.what] += part.size_bytes;
    row.size_bytes += part.size_bytes;
    rows.set(part.name, row);
  }
  return [...rows.values()]
    .filter(row => row.size_bytes > 0)
    .sort((a, b) => b.size_bytes - a.size_bytes || (a.name < b.name ? -1 : 1));
}

const NO_SPACE: ISpaceRow = {
  name: '',
  size_bytes: 0,
  current: 0,
  earlier: 0,
  trash: 0,
  staging: 0,
  unmanaged: 0
};
