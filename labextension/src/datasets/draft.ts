/** What somebody is about to publish: a link, what it stands for, and how to publish it. */

import type { IDisposable } from '@lumino/disposable';
import { type ISignal, Signal } from '@lumino/signaling';

import { Problem } from '../api/problem';
import type { DatasetsClient } from './client';
import type { IGuess } from './intake/guess';
import type { Delivery, IProbe, IPublishChange } from './types';
import { faultOfChecksum, faultOfName } from './words';

const MB = 1_000_000;
const MOST_CONNECTIONS = 16;
const DEBOUNCE_MS = 600;

export interface IDraftOptions {
  name: string;
  extract: boolean;
  delivery: Delivery;
  checksum: string;
  connections: string;
  /** MB per second, as typed; empty: no limit. */
  limit: string;
  note: string;
}

export type Faults = Partial<Record<keyof IDraftOptions, string>>;

const FRESH: IDraftOptions = {
  name: '',
  extract: false,
  delivery: 'link',
  checksum: '',
  connections: '1',
  limit: '',
  note: ''
};

/** Looks at a link before anything is fetched; what somebody chose stays when it is looked at again. */
export class Draft implements IDisposable {
  constructor(
    private readonly _client: DatasetsClient,
    /** How students get the dataset of this name today. */
    readonly deliveryOf: (name: string) => Delivery | undefined = () => undefined
  ) {}

  link = '';
  /** What fits as long as nobody was asked. */
  guess: IGuess | null = null;
  probe: IProbe | null = null;
  problem: Problem | null = null;
  isAsking = false;
  isDisposed = false;

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** What was chosen, and for the rest what fits the source. */
  get options(): IDraftOptions {
    const known = this.probe ?? this.guess;
    const name = this._chosen.name ?? known?.suggested_name ?? '';
    const delivery = this.deliveryOf(name) ?? FRESH.delivery;
    // Archives among the files of a folder are often what students open: images as .fits.gz.
    const extract = Boolean(known?.archive) && (this.probe === null || this.hasOneFile);
    return { ...FRESH, extract, delivery, ...this._chosen, name };
  }

  choose(part: Partial<IDraftOptions>): void {
    this._chosen = { ...this._chosen, ...part };
    this._changed.emit();
  }

  /** Take the text of the link box; a text that is a link is looked at after a short rest. */
  type(text: string): void {
    this._forget();
    this.link = text;
    if (looksLikeLink(text.trim())) {
      this._timer = window.setTimeout(() => void this.look(), DEBOUNCE_MS);
    }
    this._changed.emit();
  }

  /** Ask what the link stands for; nothing is fetched. */
  async look(link = this.link): Promise<void> {
    this._forget();
    this.link = link;
    const question = new AbortController();
    this._question = question;
    if (!link.trim()) {
      this._changed.emit();
      return;
    }
    this.isAsking = true;
    this._changed.emit();
    try {
      const probe = await this._client.probe(link.trim(), '', question.signal);
      if (!question.signal.aborted) {
        this.probe = probe;
      }
    } catch (reason) {
      if (!question.signal.aborted) {
        this.problem = Problem.from(reason);
      }
    }
    if (!question.signal.aborted) {
      this.isAsking = false;
      this._changed.emit();
    }
  }

  /** Look no further; what was chosen stays for the next look. */
  rest(): void {
    this._forget();
    this._changed.emit();
  }

  /** Begin anew with an empty box. */
  clear(): void {
    this._forget();
    this.link = '';
    this._chosen = {};
    this._changed.emit();
  }

  get faults(): Faults {
    const { name, checksum, connections, limit } = this.options;
    const faults: Faults = {
      name: faultOfName(name),
      checksum: this.hasOneFile ? faultOfChecksum(checksum) : '',
      connections: faultOfConnections(connections),
      limit: faultOfLimit(limit)
    };
    return Object.fromEntries(Object.entries(faults).filter(([, fault]) => fault));
  }

  /** Whether it is a file by itself: for no other an expected checksum makes sense. */
  get hasOneFile(): boolean {
    return this.probe !== null && !this.probe.is_folder && this.probe.files === 1;
  }

  /** What to ask the server for; only good without faults. */
  get request(): IPublishChange {
    const { name, extract, delivery, checksum, connections, limit, note } = this.options;
    return {
      action: 'publish',
      link: this.link.trim(),
      name,
      extract,
      checksum: this.hasOneFile ? checksum.trim() : '',
      delivery,
      connections: Number(connections),
      limit_bytes_per_s: limit.trim() ? Math.round(toNumber(limit) * MB) : null,
      note: note.trim()
    };
  }

  dispose(): void {
    this._forget();
    this.isDisposed = true;
    Signal.clearData(this);
  }

  private _forget(): void {
    window.clearTimeout(this._timer);
    this._question?.abort();
    this._question = null;
    this.probe = null;
    this.problem = null;
    this.isAsking = false;
  }

  private readonly _changed = new Signal<this, void>(this);
  private _chosen: Partial<IDraftOptions> = {};
  private _question: AbortController | null = null;
  private _timer: number | undefined;
}

/** Return whether a text is a whole link already, so that it can be looked at without being told. */
export function looksLikeLink(text: string): boolean {
  return /^(https?:\/\/[^\s/]+\.?[^\s/]*\/|https?:\/\/\S+\.\S|\/\S|upload:\S|10\.\d{4,}\/\S|doi:\S)/i.test(
    text
  );
}

function faultOfConnections(text: string): string {
  const count = Number(text);
  return Number.isInteger(count) && count >= 1 && count <= MOST_CONNECTIONS
    ? ''
    : `A whole number from 1 to ${MOST_CONNECTIONS}.`;
}

function faultOfLimit(text: string): string {
  return text.trim() === '' || toNumber(text) * MB >= 1024
    ? ''
    : 'A number above 0, in MB per second; leave it empty for no limit.';
}

function toNumber(text: string): number {
  return Number(text.trim().replace(',', '.'));
}
