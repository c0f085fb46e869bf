/** The row of a restart or stop that is announced: countdown, saving, and the way back. */

import type { JupyterFrontEnd } from '@jupyterlab/application';

import { AskedTime } from './remembered';
import { createRow, type IRow, type IRowActions, postponeMinutes } from './row';
import { countChanged, type ISaved, renewLogin, Saver } from './saving';
import { timeLeft } from './time-left';
import type { INotice, NoticeWatch, Outcome } from './watch';
import { documents, goneText, readyText } from './words';

const TICK_MS = 500;
/** Everybody saves by itself some seconds before, not all at the same moment. */
const SAVE_BEFORE_S = 12 + Math.random() * 10;
/** The browser wakes a hidden page once a minute only. */
const SAVE_BEFORE_HIDDEN_S = 75;
const NEAR_S = 180;
const LONG_S = 180;
const SOON_MS = 2000;
/** Before the time so many answers in a row must fail to come: one may be the network. */
const LOST_BEFORE = 3;

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
    this._saver = new Saver(_app);
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

  /** Another server is there: this row stays until the page is loaded again. */
  get isBack(): boolean {
    return this._phase === 'back';
  }

  /** How soon to ask again; null: as usual, ever more seldom while nobody answers. */
  get hurry_ms(): number | null {
    switch (this._phase) {
      case 'announced':
        return this._left_s >= NEAR_S ? null : this._lost ? SOON_MS : 15_000;
      case 'waiting':
        return SOON_MS;
      case 'gone': {
        // the hub answers for a server that is gone: after a minute half as often each time
        const late_ms = Math.max(0, Date.now() - this._since_ms - 60_000);
        return this._isStop ? null : Math.min(60_000, SOON_MS + late_ms);
      }
      case 'back':
        return null;
    }
  }

  /** The notice was changed: another text, another time. */
  change(notice: INotice): void {
    const isLater = notice.restart!.at_s > this.notice.restart!.at_s + 1;
    const isOther = notice.text !== this.notice.text;
    this.notice = notice;
    if (this._isReady) {
      return; // somebody who need not wait has nothing of it
    }
    if (isLater) {
      this._phase = this._phase === 'waiting' ? 'announced' : this._phase;
      this._hasSaved = false;
      this._row.say(`You have more time. ${notice.text}`);
    } else if (isOther) {
      this._row.say(notice.text);
    }
    this._tick();
  }

  onOutcome(outcome: Outcome): void {
    if (this._phase === 'back') {
      return;
    }
    this._lost = outcome === 'lost' ? this._lost + 1 : 0;
    if (outcome === 'stranger') {
      void this._comeBack();
    } else if (this._lost > 0 && this._phase !== 'gone' && this._isDue) {
      this._enter('gone');
    } else if (this._lost === 0 && this._phase === 'gone') {
      this._stay();
    }
  }

  dispose(): void {
    window.clearInterval(this._timer);
  }

  /** An answer that fails to come is the restart, not the network. */
  private get _isDue(): boolean {
    if (this._isReady || this._left_s <= 0) {
      return true;
    }
    return this._left_s < NEAR_S && this._lost >= LOST_BEFORE;
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

  /** What the row says while all goes well. */
  private get _usual(): string {
    return this._isReady ? readyText(this._isStop) : this.notice.text;
  }

  private _tick(): void {
    const left_s = this._left_s;
    if (this._phase === 'announced' || this._phase === 'waiting') {
      const left = timeLeft(left_s, this.notice.restart!.at_s);
      this._row.countdown(this._isReady ? '' : left);
      this._saveInTime(left_s);
    } else if (this._phase === 'gone') {
      this._row.say(goneText(countChanged(this._app), this._isStop));
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
      this._row.showActions(false);
      this._row.countdown('');
      this._tick();
    }
  }

  /** The same server answers again: only the network was away. */
  private _stay(): void {
    this._saver.failed = 0; // what could not be saved may have failed for that
    this._row.showActions(!this._isReady);
    this._row.say(this._usual);
    this._enter(this._isReady || this._left_s <= 0 ? 'waiting' : 'announced');
  }

  /** Save when it is time, and again whenever something changed after that. */
  private _saveInTime(left_s: number): void {
    const before_s = document.hidden ? SAVE_BEFORE_HIDDEN_S : SAVE_BEFORE_S;
    if (left_s > before_s && !this._isReady) {
      return;
    }
    if (!this._hasSaved) {
      this._hasSaved = true;
      void this._save();
    } else if (this._saver.isNeeded) {
      void this._saveAgain();
    }
  }

  private async _saveAgain(): Promise<void> {
    const hadFailed = this._saver.failed > 0;
    const saved = await this._saver.save();
    if (hadFailed || saved.failures.length > 0) {
      this._tellSaved(saved); // else it is as it was said
    }
  }

  private async _save(): Promise<ISaved> {
    const saved = await this._saver.save();
    this._tellSaved(saved);
    return saved;
  }

  private _tellSaved(saved: ISaved): void {
    if (this._phase === 'gone' || this._phase === 'back') {
      return; // there is something else to be said now
    }
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
      this._row.say(this._isReady ? this._usual : `${what} ${this.notice.text}`);
    }
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
    this._isReady = this._hasSaved = true;
    this._row.showActions(false);
    this._row.say(this._usual);
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
    let saved: ISaved | null = null;
    if (countChanged(this._app)) {
      await renewLogin();
      saved = await this._saver.save();
    }
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
  private readonly _saver: Saver;
  private readonly _timer: number;
  private _phase: Phase = 'announced';
  private _since_ms = Date.now();
  /** So many answers in a row did not come. */
  private _lost = 0;
  private _hasSaved = false;
  private _isNear = false;
  private _isReady = false;
}
