/** The files that somebody chose or dropped, those of folders included. */

import { Problem } from '../../api/problem';
import type { IChosenFile } from './types';

/** What systems leave in folders and nobody means to publish. */
const RUBBISH = ['.DS_Store', 'Thumbs.db', 'desktop.ini'];

/** Return the files of an `<input type=file>`; with `webkitdirectory` they know their place. */
export function chosenFiles(files: FileList | readonly File[]): IChosenFile[] {
  return Array.from(files)
    .map(file => ({ file, relativePath: file.webkitRelativePath ?? '' }))
    .filter(({ file, relativePath }) => !relativePath || !RUBBISH.includes(file.name));
}

/**
 * Return the files of a drop. Entries are taken from `transfer` before the first await, because the
 * browser empties it then. Rejects with a `Problem` when a folder cannot be read.
 */
export async function droppedFiles(transfer: DataTransfer): Promise<IChosenFile[]> {
  const entries: FileSystemEntry[] = [];
  const plain: File[] = [];
  for (const item of Array.from(transfer.items)) {
    const entry = item.kind === 'file' ? item.webkitGetAsEntry() : null;
    const file = item.kind === 'file' && !entry ? item.getAsFile() : null;
    if (entry) {
      entries.push(entry);
    } else if (file) {
      plain.push(file);
    }
  }
  const found = await Promise.all(entries.map(entry => filesBelow(entry, '')));
  return [...found.flat(), ...chosenFiles(plain)];
}

async function filesBelow(entry: FileSystemEntry, above: string): Promise<IChosenFile[]> {
  const place = above ? `${above}/${entry.name}` : entry.name;
  if (entry.isFile) {
    const file = await asked<File>(entry, (done, failed) =>
      (entry as FileSystemFileEntry).file(done, failed)
    );
    return above && RUBBISH.includes(entry.name)
      ? []
      : [{ file, relativePath: above ? place : '' }];
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const files: IChosenFile[] = [];
  for (;;) {
    // a reader gives at most 100 entries at a time, and none at the end
    const entries = await asked<FileSystemEntry[]>(entry, (done, failed) =>
      reader.readEntries(done, failed)
    );
    if (!entries.length) {
      return files;
    }
    for (const inner of entries) {
      files.push(...(await filesBelow(inner, place)));
    }
  }
}

function asked<T>(
  entry: FileSystemEntry,
  ask: (done: (value: T) => void, failed: (error: Error) => void) => void
): Promise<T> {
  return new Promise((resolve, reject) => {
    ask(resolve, error =>
      reject(
        new Problem({
          status: 0,
          title: 'The folder cannot be read',
          detail: `${entry.fullPath}: ${error.message}`,
          hint: 'Look whether you may read it on this computer, then drop it again.'
        })
      )
    );
  });
}
