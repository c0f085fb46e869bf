/** A list that is being imported: what it is, how it is read, what the admin put right. */

import type { IDisposable } from '@lumino/disposable';
import { type ISignal, Signal } from '@lumino/signaling';

import { Problem } from '../../api/problem';
import type { RosterClient } from '../client';
import type { FieldName, ICell, ICorrection, IListColumn, IPlanRequest, IPreview } from '../types';
import { readFile } from './file';
import { FIELDS } from './words';

export type Step = 'source' | 'columns' | 'plan';

interface ISource {
  filename: string;
  text: string;
  content: string;
}

const NO_SOURCE: ISource = { filename: '', text: '', content: '' };

/** The server reads; every change of the mapping or of a cell has it read again. */
export class Draft implements IDisposable {
  constructor(private readonly _client: RosterClient) {}

  step: Step = 'source';
  /** Text of the box for pasted lists. */
  pasted = '';
  preview: IPreview | null = null;
  problem: Problem | null = null;
  isReading = false;
  isDisposed = false;
  /** Team of the rows that name none. */
  team = '';
  isWholeTeam = false;

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** What the list is called: its file's name. */
  get title(): string {
    return this._source.filename || 'Pasted list';
  }

  get corrections(): readonly ICorrection[] {
    return this._corrections;
  }

  /** Rows that the admin leaves out, lowest first. */
  get skipped(): readonly number[] {
    return this._skip;
  }

  /** Whether something would be lost by closing. */
  get isBegun(): boolean {
    return this.preview !== null || this.pasted.trim() !== '';
  }

  /** What to plan; only good with a preview and a team. */
  get request(): IPlanRequest {
    return {
      team: this.team,
      entries: this.preview?.entries ?? [],
      removals: [],
      is_whole_team: this.isWholeTeam,
      source: this.title
    };
  }

  async takeFile(file: File): Promise<void> {
    this._begin(NO_SOURCE);
    this.isReading = true;
    this._changed.emit();
    try {
      this._source = { ...NO_SOURCE, filename: file.name, content: await readFile(file) };
    } catch (reason) {
      this.problem = Problem.from(reason);
      this.isReading = false;
      this._changed.emit();
      return;
    }
    await this._read();
  }

  paste(text: string): void {
    this.pasted = text;
    this._changed.emit();
  }

  async takePasted(): Promise<void> {
    this._begin({ ...NO_SOURCE, text: this.pasted });
    await this._read();
  }

  /** Say what a column holds; everything else stays as it was recognised. */
  async setField(index: number, field: FieldName): Promise<void> {
    const columns = this.preview?.columns ?? [];
    const known = this._mapping ?? Object.fromEntries(columns.map(one => [one.index, one.field]));
    // A field stands in one column only: the one that had it is not used any more.
    const freed = Object.entries(known).map(([other, had]) => [
      other,
      field !== '' && had === field ? '' : had
    ]);
    this._mapping = { ...Object.fromEntries(freed), [index]: field };
    await this._read();
  }

  async correct(row: number, field: FieldName, value: string): Promise<void> {
    this._corrections = [...this._without(row, field), { row, field, value: value.trim() }];
    await this._read();
  }

  /** Read a cell as it stands in the list again. */
  async uncorrect(row: number, field: FieldName): Promise<void> {
    this._corrections = this._without(row, field);
    await this._read();
  }

  async leaveOut(row: number): Promise<void> {
    this._skip = [...new Set([...this._skip, row])].sort((a, b) => a - b);
    await this._read();
  }

  async takeBack(row: number): Promise<void> {
    this._skip = this._skip.filter(other => other !== row);
    await this._read();
  }

  /** Set what does not need the list read again: the team, the choice, the step. */
  choose(part: Partial<Pick<Draft, 'team' | 'isWholeTeam' | 'step'>>): void {
    Object.assign(this, part);
    this._changed.emit();
  }

  /** Read once more what was taken, after a failure. */
  async again(): Promise<void> {
    await this._read();
  }

  /** Begin anew with nothing. */
  clear(): void {
    this._begin(NO_SOURCE);
    this.pasted = '';
    this.isWholeTeam = false;
    this._changed.emit();
  }

  dispose(): void {
    this._question?.abort();
    this.isDisposed = true;
    Signal.clearData(this);
  }

  private _begin(source: ISource): void {
    this._question?.abort();
    this._source = source;
    this._mapping = null;
    this._corrections = [];
    this._skip = [];
    this.preview = null;
    this.problem = null;
    this.isReading = false;
    this.step = 'source';
  }

  private _without(row: number, field: FieldName): ICorrection[] {
    return this._corrections.filter(one => one.row !== row || one.field !== field);
  }

  private async _read(): Promise<void> {
    this._question?.abort();
    const question = new AbortController();
    this._question = question;
    this.isReading = true;
    this.problem = null;
    this._changed.emit();
    let preview: IPreview | null = null;
    let problem: Problem | null = null;
    try {
      preview = await this._client.readList(
        {
          ...this._source,
          mapping: this._mapping,
          corrections: [...this._corrections],
          skip: [...this._skip]
        },
        question.signal
      );
    } catch (reason) {
      problem = Problem.from(reason);
    }
    if (question.signal.aborted) {
      return; // a later question is on its way
    }
    this.isReading = false;
    this.problem = problem;
    if (preview) {
      this.preview = preview;
      this.step = 'columns';
    }
    this._changed.emit();
  }

  private readonly _changed = new Signal<this, void>(this);
  private _source: ISource = NO_SOURCE;
  private _mapping: Record<string, FieldName> | null = null;
  private _corrections: readonly ICorrection[] = [];
  private _skip: readonly number[] = [];
  private _question: AbortController | null = null;
}

/** Return a column's letter as a spreadsheet has it: A, Z, AA. */
export function letterOf(index: number): string {
  const rest = Math.floor(index / 26) - 1;
  return (rest >= 0 ? letterOf(rest) : '') + String.fromCharCode(65 + (index % 26));
}

/** Return what a column is called: its title, or its letter. */
export function nameOf(column: Pick<IListColumn, 'index' | 'title'>): string {
  return column.title.trim() || letterOf(column.index);
}

/**
 * Return which field a cell fills; empty when its column is not used and nothing can be typed.
 *
 * A list that has no column for what it lacks names the field itself.
 */
export function fieldOf(cell: ICell, columns: readonly IListColumn[]): FieldName {
  const named = columns.filter(
    column => column.title === cell.column || nameOf(column) === cell.column
  );
  const known = named.find(({ field }) => field) ?? named[0];
  return known?.field ?? (isField(cell.column) ? cell.column : '');
}

function isField(text: string): text is FieldName {
  return Object.hasOwn(FIELDS, text);
}
