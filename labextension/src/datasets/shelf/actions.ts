/** What can be done with published datasets; buttons, menus and commands are the same thing. */

import * as React from 'react';

import { Problem } from '../../api/problem';
import type { IReceipt } from '../../api/types';
import type { IAction } from '../../panel/actions';
import type { IHost } from '../../panel/host';
import { copyText } from '../../ui/copy';
import { formatCount } from '../../ui/time';
import { DatasetsClient } from '../client';
import { keptOf, trashOf } from '../model';
import type { IPlanning } from '../planning';
import type { IDataset, IVersion } from '../types';
import { isDeleted } from './columns';

export interface IShelfWork {
  /** What was refused, and what it was to do. */
  problem: Problem | null;
  doing: string;
  /** What was done at once, in a sentence. */
  said: string;
  dismiss(): void;
  verify(datasets: readonly IDataset[], version?: string): void;
  undelete(name: string, version: string): void;
  restore(name: string, version: string): void;
  remove(name: string, version: string): void;
  copyPath(path: string): void;
}

/** Return what changes datasets, with what came of it; `onChanged` is called when something did. */
export function useShelfWork(host: IHost, planning: IPlanning, onChanged: () => void): IShelfWork {
  const [problem, setProblem] = React.useState<Problem | null>(null);
  const [doing, setDoing] = React.useState('');
  const [said, setSaid] = React.useState('');
  const client = React.useMemo(() => new DatasetsClient(host.api), [host.api]);
  const run = (what: string, action: () => Promise<string>): void => {
    setProblem(null);
    setSaid('');
    setDoing(what);
    action()
      .then(setSaid, reason => setProblem(Problem.from(reason)))
      .finally(onChanged);
  };
  return {
    problem,
    doing,
    said,
    dismiss: () => {
      setProblem(null);
      setSaid('');
    },
    verify: (datasets, version = '') =>
      run(`Verifying ${nameAll(datasets)}`, async () => {
        for (const { name } of datasets) {
          host.traits.set('job_id', (await client.verify(name, version)).id);
        }
        return '';
      }),
    undelete: (name, version) =>
      run(`Taking ${[name, version].filter(Boolean).join(' ')} out of the trash`, async () => {
        const receipt: IReceipt = await client.undelete(name, version);
        host.traits.set('receipt', { ...receipt });
        return receipt.title ?? `${[name, version].filter(Boolean).join(' ')} is back.`;
      }),
    restore: (name, version) => planning.start({ action: 'restore', name, version }),
    remove: (name, version) => planning.start({ action: 'delete', name, version, free_now: false }),
    copyPath: path =>
      void copyText(path).then(() => {
        setProblem(null);
        setSaid(`Copied ${path}`);
      })
  };
}

function nameAll(datasets: readonly IDataset[]): string {
  return datasets.length === 1 ? datasets[0].name : `${formatCount(datasets.length)} datasets`;
}

/** Return the newest version that stood before the current one, if it is still kept. */
export function earlierOf(dataset: IDataset): IVersion | null {
  const kept = keptOf(dataset);
  const index = kept.findIndex(({ version }) => version === dataset.current);
  return index < 0 ? null : (kept[index + 1] ?? null);
}

/** What can be taken out of the trash: all of it, or (with a version) the newest part. */
function lostOf(dataset: IDataset): { name: string; version: string } | null {
  const [newest] = trashOf(dataset);
  if (!newest) {
    return null;
  }
  return { name: dataset.name, version: isDeleted(dataset) ? '' : newest.version };
}

/** Return the actions for these datasets: those of the toolbar, the menu and the palette. */
export function shelfActions(datasets: readonly IDataset[], work: IShelfWork): IAction[] {
  const [one] = datasets;
  const single = datasets.length === 1 ? one : null;
  const published = datasets.filter(dataset => dataset.is_managed && dataset.current);
  const earlier = single && earlierOf(single);
  const lost = single && lostOf(single);
  const oneReason = datasets.length === 0 ? 'Select a dataset first' : 'Select one dataset only';
  const plainReason = 'A plain folder: it was not published here';
  return [
    {
      id: 'datasets-verify',
      label: `Verify ${published.length > 0 ? nameAll(published) : 'datasets'}`,
      isEnabled: published.length > 0,
      reason:
        published.length > 0
          ? 'Hashes every file again and compares it with what was published'
          : datasets.length > 0
            ? 'None of the selected was published here'
            : oneReason,
      execute: () => work.verify(published)
    },
    {
      id: 'datasets-restore',
      label:
        earlier && single
          ? `Restore ${earlier.version} of ${single.name}`
          : 'Restore the version before',
      isEnabled: earlier !== null,
      reason: !single ? oneReason : earlier ? undefined : 'No earlier version is kept',
      execute: () => single && earlier && work.restore(single.name, earlier.version)
    },
    {
      id: 'datasets-delete',
      label: single ? `Delete ${single.name}` : 'Delete a dataset',
      isEnabled: single !== null && single.is_managed && !isDeleted(single),
      reason: !single
        ? oneReason
        : !single.is_managed
          ? plainReason
          : isDeleted(single)
            ? 'It is deleted already'
            : 'Shows the plan first; it can be taken back for a while',
      execute: () => single && work.remove(single.name, '')
    },
    {
      id: 'datasets-undelete',
      label:
        lost && single
          ? `Undelete ${[lost.version, single.name].filter(Boolean).join(' of ')}`
          : 'Undelete a dataset',
      isEnabled: lost !== null,
      reason: !single
        ? oneReason
        : lost
          ? 'Takes it out of the trash'
          : 'Nothing of it lies in the trash',
      execute: () => lost && work.undelete(lost.name, lost.version)
    },
    {
      id: 'datasets-copy-path',
      label: 'Copy the path for students',
      isEnabled: single !== null && !isDeleted(single),
      reason: single ? single.path : oneReason,
      execute: () => single && work.copyPath(single.path)
    }
  ];
}
