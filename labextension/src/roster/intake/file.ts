/** Reading a list in the browser: it goes to the server as base64 inside JSON. */

import { Problem } from '../../api/problem';
import { formatBytes } from '../../ui/bytes';

/** As the server has it (`FILE_LIMIT_BYTES`). */
export const FILE_LIMIT_BYTES = 2 * 1024 ** 2;
export const ACCEPTED = '.csv,.tsv,.txt,.xlsx';

const STEP = 32_768;

/** Return a file's content in base64. Throws a `Problem` for one that is too large or unreadable. */
export async function readFile(file: File): Promise<string> {
  if (file.size > FILE_LIMIT_BYTES) {
    throw new Problem({
      status: 0,
      title: `${file.name} is too large for a list of people`,
      detail: `It has ${formatBytes(file.size)}; lists may have ${formatBytes(FILE_LIMIT_BYTES)}.`,
      hint: 'Save only the sheet with the people, as CSV.'
    });
  }
  try {
    return toBase64(new Uint8Array(await file.arrayBuffer()));
  } catch (reason) {
    throw new Problem({
      status: 0,
      title: `${file.name} cannot be read`,
      detail: `The browser says: ${reason instanceof Error ? reason.message : String(reason)}`,
      hint: 'Choose the file again; a folder is no list.'
    });
  }
}

function toBase64(bytes: Uint8Array): string {
  let text = '';
  for (let start = 0; start < bytes.length; start += STEP) {
    text += String.fromCharCode(...bytes.subarray(start, start + STEP));
  }
  return btoa(text);
}
