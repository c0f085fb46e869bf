/** What can be told of files before they have arrived: by their names. */

const ARCHIVE = /\.(zip|7z|tar|tar\.(gz|bz2|xz|zst)|tgz|tbz2|txz|gz|bz2|xz|zst)$/i;

export interface IGuess {
  suggested_name: string;
  archive: string;
}

/** Return a name for a dataset and the kind of archive, from the title of what was dropped. */
export function guessOf(title: string, files: number): IGuess {
  const archive = files === 1 ? (ARCHIVE.exec(title)?.[1].toLowerCase() ?? '') : '';
  const stem = archive ? title.slice(0, -archive.length - 1) : title;
  const name = stem
    .normalize('NFKD')
    .replace(/[^\x20-\x7e]/g, '')
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+|[-.]+$/g, '')
    .slice(0, 64);
  return { suggested_name: name, archive };
}
