/** The row of a restart or stop that is announced: countdown, saving, and the way back. */

import type { JupyterFrontEnd } from '@jupyterlab/application';

import { AskedTime } from './remembered';
import { createRow, type IRow, type IRowActions, postponeMinutes } from './row';
import { countChanged, type ISaved, saveAll } from './saving';
import { timeLeft } from './time-left';
import type { INotice, NoticeWatch, Outcome } from './watch';

const TICK_MS = 500;
/** Everybody saves by itself some seconds before, not all at the same moment. */
const SAVE_BEFORE_S = 12 + Math.random() * 10;
/** The browser wakes a hidden page once a minute only. */
const SAVE_BEFORE_HIDDEN_S = 75;
const NEAR_S = 180;
const LONG_S = 180;

/** `waiting`: the server may go at any moment; `gone`: it went; `back`: another one is there. */
type Phase = 'announced' | 'waiting' | 'gone' | 'back';

export class RestartRow {
  constructor(
    private readonly _app: JupyterFrontEnd,
    private readonly _watch: NoticeWatch,
    public notice: INotice
  ) {
    const actions: IRowActions = {};
    if (notice.restart?.may_go_now) {
      actions.saveAndRestart = () => void this._saveAndRestart();
    }
    this._asked = new AskedTime(notice.id);
    if (this._mayAsk) {
      actions.postpone = () => void this._postpone();
    }
    this._row = createRow(notice, actions);
    this._timer = window.setInterval(() => this._tick(), TICK_MS);
    this._tick();
  }

  get node(): HTMLElement {
    return this._row.node;
  }

  /** The server is going or gone: this row stays until the page is back. */
  get isUnderWay(): boolean {
    return this._phase === 'gone' || this._phase === 'back' || this._isReady;
  }

  /** How soon to ask again. */
  get hurry_ms(): number | null {
    if (this._phase !== 'announced') {
      return 2000;
    }
    return this._left_s < NEAR_S ? 15_000 : null;
  }

  /** The notice was changed: another text, another time. */
  change(notice: INotice): void {
    const isLater = notice.restart!.at_s > this.notice.restart!.at_s + 1;
    const isOther = notice.text !== this.notice.text;
    this.notice = notice;
    if (isLater && this._phase === 'waiting' && !this._isReady) {
      this._phase = 'announced';
    }
    if (isLater) {
      this._hasSaved = false;
      this._row.say(`You have more time. ${notice.text}`);
    } else if (isOther) {
      this._row.say(notice.text);
    }
    this._tick();
  }

  onOutcome(outcome: Outcome): void {
    if (outcome === 'stranger' && this._phase !== 'back') {
      void this._comeBack();
    } else if (outcome === 'lost' && (this._phase === 'waiting' || this._isDue)) {
      this._enter('gone');
    } else if ((outcome === 'same' || outcome === 'changed') && this._phase === 'gone') {
      this._enter('waiting'); // only the network was away
    }
  }

  dispose(): void {
    window.clearInterval(this._timer);
  }

  /** An answer that fails to come is the restart, not the network. */
  private get _isDue(): boolean {
    return this._phase === 'announced' && this._left_s < NEAR_S;
  }

  /** Whether more time may be left to ask for. */
  private get _mayAsk(): boolean {
    return this._asked.minutes < this.notice.restart!.may_postpone_min;
  }

  private get _isStop(): boolean {
    return this.notice.restart?.is_stop ?? false;
  }

  private get _left_s(): number {
    return this.notice.restart!.at_s - (Date.now() + this._watch.skew_ms) / 1000;
  }

  private _tick(): void {
    const left_s = this._left_s;
    if (this._phase === 'announced' || this._phase === 'waiting') {
      const left = timeLeft(left_s, this.notice.restart!.at_s);
      this._row.countdown(this._isReady ? '' : left);
    }
    const before_s = document.hidden ? SAVE_BEFORE_HIDDEN_S : SAVE_BEFORE_S;
    if (left_s <= before_s && !this._hasSaved) {
      this._hasSaved = true;
      void this._save();
    }
    if (left_s <= 0 && this._phase === 'announced') {
      this._enter('waiting');
    }
    if (left_s < NEAR_S && !this._isNear) {
      this._isNear = true;
      this._watch.hurry(this.hurry_ms);
    }
    const isLong = Date.now() - this._since_ms > LONG_S * 1000;
    if (this._phase === 'gone' && isLong && !this._isStop) {
      this._row.countdown('It takes longer than usual; if it stays so, ask an organiser.');
    }
  }

  private _enter(phase: Phase): void {
    this._phase = phase;
    this._since_ms = Date.now();
    this._watch.hurry(this.hurry_ms);
    if (phase === 'gone') {
      this._row.dropActions();
      this._row.countdown('');
      this._row.say(goneText(countChanged(this._app), this._isStop));
    }
  }

  private async _save(): Promise<ISaved> {
    const saved = await saveAll(this._app);
    this._hasSaved = true;
    void this._watch.reply({
      notice: this.notice.id,
      kind: 'saved',
      documents: saved.documents,
      unsaved: saved.failures.length
    });
    if (saved.failures.length > 0) {
      this._row.say(`Not saved: ${saved.failures.join('; ')}. Save it under another name.`);
    } else {
      const what = saved.documents
        ? `${documents(saved.documents)} saved.`
        : 'Everything is saved.';
      this._row.say(`${what} ${this.notice.text}`);
    }
    return saved;
  }

  private async _saveAndRestart(): Promise<void> {
    this._row.setBusy(true);
    const saved = await this._save();
    if (saved.failures.length > 0) {
      this._row.setBusy(false);
      return;
    }
    const isKept = await this._watch.reply({ notice: this.notice.id, kind: 'ready' });
    if (!isKept) {
      this._row.setBusy(false);
      this._row.say(
        'Everything is saved. The organisers could not be told: it happens at the time.'
      );
      return;
    }
    this._isReady = true;
    this._row.dropActions();
    const done = this._isStop ? 'stopped' : 'restarted';
    this._row.say(`Everything is saved. Your server is ${done} in a moment.`);
    this._enter('waiting');
  }

  private async _postpone(): Promise<void> {
    this._row.setBusy(true);
    const before = this._asked.minutes;
    // what was asked for in all: a second wish may be read before the first was heeded
    const minutes = Math.min(
      before + postponeMinutes(this.notice),
      this.notice.restart!.may_postpone_min
    );
    const isKept = await this._watch.reply({ notice: this.notice.id, kind: 'postpone', minutes });
    this._row.setBusy(false);
    if (isKept) {
      this._asked.keep(minutes);
    }
    if (!this._mayAsk) {
      this._row.dropPostpone(); // another click would be heard, and give nothing
    }
    this._row.say(
      isKept
        ? `You asked for ${minutes - before} more minutes. ${this.notice.text}`
        : 'The organisers could not be told. Save your work; the time stays as it is.'
    );
  }

  /** Another process answers: save what was changed meanwhile, then load the page again. */
  private async _comeBack(): Promise<void> {
    this._enter('back');
    const saved = countChanged(this._app) ? await saveAll(this._app) : null;
    if (!saved || saved.failures.length === 0) {
      this._row.say('Your server is back.');
      window.location.reload();
      return;
    }
    this._row.countdown('');
    this._row.say(
      `Your server is back, but this page cannot save: ${saved.failures.join('; ')}. Copy what you need, then reload the page.`
    );
  }

  private readonly _asked: AskedTime;
  private readonly _row: IRow;
  private readonly _timer: number;
  private _phase: Phase = 'announced';
  private _since_ms = Date.now();
  private _hasSaved = false;
  private _isNear = false;
  private _isReady = false;
}

/** What is said once the server is gone, with so many documents changed since they were saved. */
export function goneText(changed: number, isStop: boolean): string {
  const what = isStop
    ? 'Your server was stopped; start it again when you need it.'
    : 'Your server is being restarted.';
  if (changed) {
    return `${what} ${documents(changed)} changed since they were saved: keep this page open, they are saved when it is back.`;
  }
  return isStop
    ? `${what} Everything is saved.`
    : `${what} Everything is saved; this page comes back by itself.`;
}

function documents(count: number): string {
  return count === 1 ? '1 document' : `${count} documents`;
}
