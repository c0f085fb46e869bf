/**
 * Line ends. An editor knows one kind of line end, a file may have another: a script that came from
 * Windows (CRLF) does not run, and that must stay visible, and be mended on purpose, not by chance.
 */

/** Return the text with the line ends of an editor. */
export function toEditor(text: string): string {
  return text.replace(/\r\n?/g, '\n');
}

/** Return what the editor holds with the line ends that the text had before. */
export function fromEditor(edited: string, before: string): string {
  return hasWindowsLineEnds(before) ? edited.replaceAll('\n', '\r\n') : edited;
}

/** Return whether any line ends as on Windows or on an old Mac. */
export function hasWindowsLineEnds(text: string): boolean {
  return text.includes('\r');
}
