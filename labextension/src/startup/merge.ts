/** Three versions of a text made one: the changes of both sides since their common base. */

export interface IMerged {
  text: string;
  /** Places where both sides changed the same lines; each stands between marks in the text. */
  conflictCount: number;
}

export const MARK_MINE = '<<<<<<< mine';
export const MARK_MIDDLE = '=======';
export const MARK_THEIRS = '>>>>>>> theirs';

/** Lines `[start, end)` of the base that a side replaced by `lines`. */
interface IChange {
  start: number;
  end: number;
  lines: readonly string[];
}

/** Return the text that has both sides' changes; where they overlap, both between marks. */
export function mergeTexts(base: string, mine: string, theirs: string): IMerged {
  const baseLines = splitLines(base);
  const left = changesOf(baseLines, splitLines(mine));
  const right = changesOf(baseLines, splitLines(theirs));
  const merged: string[] = [];
  let conflictCount = 0;
  let at = 0;
  while (left.length > 0 || right.length > 0) {
    const { start, end, ofLeft, ofRight } = nextRegion(left, right);
    merged.push(...baseLines.slice(at, start));
    const sideLeft = applied(baseLines, start, end, ofLeft);
    const sideRight = applied(baseLines, start, end, ofRight);
    if (ofRight.length === 0 || isSame(sideLeft, sideRight)) {
      merged.push(...sideLeft);
    } else if (ofLeft.length === 0) {
      merged.push(...sideRight);
    } else {
      conflictCount += 1;
      merged.push(
        ...[MARK_MINE, ...sideLeft, MARK_MIDDLE, ...sideRight, MARK_THEIRS].map(withLineEnd)
      );
    }
    at = end;
  }
  merged.push(...baseLines.slice(at));
  return { text: merged.join(''), conflictCount };
}

/** Return whether marks of a merge are still in the text. */
export function hasMergeMarks(text: string): boolean {
  return text.split('\n').some(line => line === MARK_MINE || line === MARK_THEIRS);
}

function splitLines(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

function withLineEnd(line: string): string {
  return line.endsWith('\n') ? line : `${line}\n`;
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((line, index) => line === b[index]);
}

interface IRegion {
  start: number;
  end: number;
  ofLeft: IChange[];
  ofRight: IChange[];
}

/** Take the next changes that touch each other off both lists, with the span of base they cover. */
function nextRegion(left: IChange[], right: IChange[]): IRegion {
  const start = Math.min(left[0]?.start ?? Infinity, right[0]?.start ?? Infinity);
  let end = start;
  const ofLeft: IChange[] = [];
  const ofRight: IChange[] = [];
  // Changes at the same place touch too, even if one of them only inserts.
  const touches = (change: IChange | undefined): boolean =>
    change !== undefined && (change.start < end || change.start === start || change.start === end);
  for (;;) {
    const [from, to] = touches(left[0])
      ? [left, ofLeft]
      : touches(right[0])
        ? [right, ofRight]
        : [null, null];
    const change = from?.shift();
    if (!change) {
      return { start, end, ofLeft, ofRight };
    }
    to?.push(change);
    end = Math.max(end, change.end);
  }
}

/** Return base lines `[start, end)` with the changes made. */
function applied(
  base: readonly string[],
  start: number,
  end: number,
  changes: readonly IChange[]
): string[] {
  const lines: string[] = [];
  let at = start;
  for (const change of changes) {
    lines.push(...base.slice(at, change.start), ...change.lines);
    at = change.end;
  }
  return [...lines, ...base.slice(at, end)];
}

/** Return what one side changed, in order, by the longest common subsequence of lines. */
function changesOf(base: readonly string[], side: readonly string[]): IChange[] {
  let head = 0;
  while (head < base.length && head < side.length && base[head] === side[head]) {
    head += 1;
  }
  let tail = 0;
  const most = Math.min(base.length, side.length) - head;
  while (tail < most && base[base.length - 1 - tail] === side[side.length - 1 - tail]) {
    tail += 1;
  }
  const a = base.slice(head, base.length - tail);
  const b = side.slice(head, side.length - tail);
  return middleChanges(a, b).map(({ start, end, lines }) => ({
    start: start + head,
    end: end + head,
    lines
  }));
}

/** Larger differences than this are taken as one change: a table of all pairs would be too big. */
const MOST_PAIRS = 4_000_000;

function middleChanges(a: readonly string[], b: readonly string[]): IChange[] {
  if (a.length === 0 && b.length === 0) {
    return [];
  }
  if (a.length * b.length === 0 || a.length * b.length > MOST_PAIRS) {
    return [{ start: 0, end: a.length, lines: b }];
  }
  const width = b.length + 1;
  const common = new Uint32Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      const at = i * width + j;
      common[at] =
        a[i] === b[j] ? common[at + width + 1] + 1 : Math.max(common[at + width], common[at + 1]);
    }
  }
  return walk(a, b, common, width);
}

/** Follow the table from the beginning of both and collect what is not common. */
function walk(
  a: readonly string[],
  b: readonly string[],
  common: Uint32Array,
  width: number
): IChange[] {
  const changes: IChange[] = [];
  let [i, j, start, from] = [0, 0, 0, 0];
  const close = (): void => {
    if (i > start || j > from) {
      changes.push({ start, end: i, lines: b.slice(from, j) });
    }
  };
  while (i < a.length && j < b.length) {
    if (a[i] === b[j]) {
      close();
      i += 1;
      j += 1;
      [start, from] = [i, j];
    } else if (common[(i + 1) * width + j] >= common[i * width + j + 1]) {
      i += 1;
    } else {
      j += 1;
    }
  }
  [i, j] = [a.length, b.length];
  close();
  return changes;
}
