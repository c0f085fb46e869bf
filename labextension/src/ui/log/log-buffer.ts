/** The text of a log that grows: readable lines, in pieces that no longer change once they are full. */

/** Lines of one piece. A piece out of sight costs the browser nothing (`content-visibility`). */
export const PIECE_LINES = 100;
/** Lines that are kept; of longer logs the beginning is left out. */
export const KEPT_LINES = 50_000;

export interface ILogText {
  pieces: readonly string[];
  lines: number;
  /** Lines at the beginning that are no longer here. */
  leftOut: number;
}

export const EMPTY_LOG: ILogText = { pieces: [], lines: 0, leftOut: 0 };

const ESC = '\\u001b';
/** Colours, titles and other orders to a terminal (ECMA-48), and what else cannot be read. */
const ORDERS = new RegExp(
  `${ESC}\\[[0-?]*[ -/]*[@-~]|${ESC}\\][^\\u0007${ESC}]*(?:\\u0007|${ESC}\\\\)|${ESC}[ -~]?` +
    '|[\\u0000-\\u0008\\u000b-\\u001f\\u007f]',
  'g'
);

/** Return a line as a person reads it: what a progress bar drew over itself last, in no colour. */
export function readable(line: string): string {
  const drawn = line.replace(/\r+$/, '').split('\r');
  return drawn[drawn.length - 1].replace(ORDERS, '');
}

/** Takes a log part by part; parts may end anywhere, also in the middle of a line. */
export class LogBuffer {
  get text(): ILogText {
    return this._text;
  }

  append(part: string): ILogText {
    if (!part) {
      return this._text;
    }
    const lines = (this._rest + part).split('\n');
    this._rest = lines.pop() ?? '';
    for (const line of lines) {
      this._open.push(readable(line));
      this._count += 1;
      if (this._open.length === PIECE_LINES) {
        this._full.push(this._open.join('\n'));
        this._open = [];
      }
    }
    while (this._full.length * PIECE_LINES > KEPT_LINES) {
      this._full.shift();
      this._leftOut += PIECE_LINES;
    }
    const open = this._rest ? [...this._open, readable(this._rest)] : this._open;
    this._text = {
      pieces: open.length > 0 ? [...this._full, open.join('\n')] : [...this._full],
      lines: this._count + (this._rest ? 1 : 0) - this._leftOut,
      leftOut: this._leftOut
    };
    return this._text;
  }

  private _text = EMPTY_LOG;
  private _rest = '';
  private _open: string[] = [];
  private readonly _full: string[] = [];
  private _count = 0;
  private _leftOut = 0;
}
