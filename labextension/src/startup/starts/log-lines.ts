/** A log cut into runs of lines that came from the same stream. */

export interface ILogRun {
  isStderr: boolean;
  /** 1-based, counted in the text that is shown. */
  firstLine: number;
  text: string;
}

/** Return the runs of a text; `spans` are first and last line of what came from stderr. */
export function splitLog(text: string, spans: readonly (readonly [number, number])[]): ILogRun[] {
  const lines = text.split('\n');
  if (lines[lines.length - 1] === '') {
    lines.pop();
  }
  const runs: ILogRun[] = [];
  let at = 0;
  const add = (end: number, isStderr: boolean): void => {
    const until = Math.min(end, lines.length);
    if (until > at) {
      runs.push({ isStderr, firstLine: at + 1, text: lines.slice(at, until).join('\n') });
      at = until;
    }
  };
  for (const [first, last] of [...spans].sort((a, b) => a[0] - b[0])) {
    add(first - 1, false);
    add(last, true);
  }
  add(lines.length, false);
  return runs;
}
