import type { JupyterFrontEnd } from '@jupyterlab/application';

import { NoticeBoard } from '../../src/notices/student/board';
import { RestartRow } from '../../src/notices/student/restart';
import {
  type INotice,
  type IRestart,
  NoticeWatch,
  type Outcome
} from '../../src/notices/student/watch';

const START = new Date('2026-11-29T10:00:00Z');
const TEXT = 'Your server gets the new software.';

/** A document that is open in Lab. */
class Document {
  constructor(
    readonly path: string,
    private readonly _canSave = true
  ) {}

  readonly isDisposed = false;
  readonly model = { dirty: true, readOnly: false };
  /** When it was saved, in seconds since the test began. */
  readonly saved_s: number[] = [];

  async save(): Promise<void> {
    events.push(`save ${this.path}`);
    if (!this._canSave) {
      throw new Error('the disk is full');
    }
    this.saved_s.push((Date.now() - START.getTime()) / 1000);
    this.model.dirty = false;
  }
}

let events: string[] = [];
let listed: INotice[] = [];
let bar: HTMLElement | null = null;
let row: RestartRow | null = null;

const notice = (in_s: number, change: Partial<IRestart> = {}, id = 'n1'): INotice => ({
  id,
  stamp: `s${in_s}`,
  text: TEXT,
  level: 'warning',
  kind: 'bar',
  link: '',
  restart: {
    at_s: START.getTime() / 1000 + in_s,
    may_postpone_min: 10,
    may_go_now: true,
    asks_busy: false,
    is_stop: false,
    ...change
  }
});
const labWith = (...documents: Document[]): JupyterFrontEnd =>
  ({
    shell: {
      widgets: (area: string) => (area === 'main' ? documents.map(context => ({ context })) : []),
      add: ({ node }: { node: HTMLElement }) => (bar = node),
      currentWidget: null
    }
  }) as unknown as JupyterFrontEnd;
const watchOf = (onOutcome: (outcome: Outcome) => void = () => undefined): NoticeWatch =>
  new NoticeWatch({
    url: '/growth/api/notices/',
    key: 'the-key',
    interval_ms: 60_000,
    onOutcome
  });
const begin = (shown: INotice, ...documents: Document[]): RestartRow =>
  (row = new RestartRow(labWith(...documents), watchOf(), shown));
const pass = (s: number): Promise<void> => jest.advanceTimersByTimeAsync(s * 1000);
const buttonsOf = ({ node }: { node: HTMLElement }): HTMLElement[] =>
  [...node.querySelectorAll('button')].filter(
    found => found.parentElement?.style.display !== 'none'
  );
const lose = (times: number): void => {
  for (let time = 0; time < times; time++) {
    row?.onOutcome('lost');
  }
};

beforeEach(() => {
  jest.useFakeTimers({ now: START });
  [events, listed] = [[], []];
  AbortSignal.timeout = () => new AbortController().signal;
  global.fetch = (async (url: string, init: RequestInit = {}) => {
    const said = init.body ? (JSON.parse(String(init.body)) as Record<string, string>) : null;
    events.push(said ? `${said.kind} ${said.notice}` : `get ${url} ${init.mode ?? ''}`.trim());
    return {
      ok: true,
      status: 200,
      headers: new Map() as unknown as Headers,
      json: async () => (said ? { is_kept: true } : { notices: listed })
    };
  }) as unknown as typeof fetch;
});
afterEach(() => {
  row?.dispose();
  row = null;
  jest.useRealTimers();
});

describe('what is typed after the first save', () => {
  it('test_document_when_changed_again_while_waiting_then_saved_within_seconds', async () => {
    const work = new Document('work.ipynb');
    begin(notice(30), work);
    await pass(20);
    expect(work.saved_s).toHaveLength(1);
    work.model.dirty = true;
    await pass(6);
    expect(work.saved_s).toHaveLength(2);
    await pass(30); // the time is over, the server still there
    expect(work.saved_s).toHaveLength(2);
    work.model.dirty = true;
    await pass(6);
    expect(work.saved_s).toHaveLength(3);
    expect(events.filter(said => said === 'saved n1')).toHaveLength(1); // as it was said
    row!.onOutcome('lost');
    work.model.dirty = true;
    await pass(20);
    expect(work.saved_s).toHaveLength(3);
    expect(row!.node.textContent).toContain('1 document changed since');
  });

  it('test_ready_when_something_is_changed_after_it_then_saved_and_still_said_so', async () => {
    const work = new Document('work.ipynb');
    const { node } = begin(notice(600), work);
    buttonsOf(row!)[0].click();
    await pass(1);
    expect(work.saved_s).toHaveLength(1);
    work.model.dirty = true;
    await pass(60);
    expect(work.saved_s).toHaveLength(2);
    expect(node.textContent).toContain('Everything is saved. Your server is restarted');
    expect(node.textContent).toContain('what you change until then is saved too');
  });

  it('test_document_when_it_cannot_be_saved_then_not_tried_until_another_changes', async () => {
    const [full, work] = [new Document('full.md', false), new Document('work.ipynb')];
    begin(notice(10), full, work);
    const tries = (): number => events.filter(said => said === 'save full.md').length;
    await pass(60);
    expect([tries(), work.saved_s.length]).toEqual([1, 1]);
    work.model.dirty = true;
    await pass(6);
    expect([tries(), work.saved_s.length]).toEqual([2, 2]);
    expect(row!.node.textContent).toContain('Not saved: full.md: the disk is full');
  });

  it('test_save_when_it_failed_long_before_then_tried_again_at_the_time', async () => {
    const full = new Document('full.md', false);
    begin(notice(300), full);
    buttonsOf(row!)[0].click();
    await pass(270);
    expect(events.filter(said => said.startsWith('save '))).toHaveLength(1);
    await pass(25);
    expect(events.filter(said => said.startsWith('save '))).toHaveLength(2);
  });
});

describe('a page whose server is back', () => {
  it('test_save_when_another_server_answers_then_the_login_is_renewed_before', async () => {
    const full = new Document('full.md', false); // so that the page is not loaded again
    begin(notice(60), full);
    row!.onOutcome('stranger');
    await pass(1);
    expect(events).toEqual(['get http://localhost/lab no-cors', 'save full.md']);
    expect(row!.node.textContent).toContain('this page cannot save: full.md: the disk is full');
    expect(row!.hurry_ms).toBeNull();
  });
});

describe('answers that do not come', () => {
  it('test_row_when_one_is_lost_before_the_time_then_nothing_is_said', async () => {
    const { node } = begin(notice(120));
    await pass(1);
    lose(2);
    expect(node.textContent).toContain(TEXT);
    expect(buttonsOf(row!)).toHaveLength(2);
    expect(row!.hurry_ms).toBeLessThan(15_000);
    row!.onOutcome('same');
    lose(2);
    expect(node.textContent).toContain(TEXT);
  });

  it('test_row_when_the_network_was_away_then_all_is_there_again', async () => {
    const { node } = begin(notice(120));
    await pass(1);
    lose(3);
    expect(node.textContent).toContain('Your server is being restarted');
    expect(buttonsOf(row!)).toHaveLength(0);
    row!.onOutcome('same');
    await pass(1);
    expect(node.textContent).toContain(TEXT);
    expect(node.textContent).toMatch(/in 1 min 5\d s/);
    expect(buttonsOf(row!)).toHaveLength(2);
    expect(row!.hurry_ms).toBe(15_000);
  });

  it('test_row_when_one_is_lost_after_the_time_then_it_is_the_restart', async () => {
    begin(notice(10));
    await pass(11);
    row!.onOutcome('lost');
    expect(row!.node.textContent).toContain('Your server is being restarted');
  });

  it('test_hub_when_a_server_stays_away_then_asked_less_and_less', async () => {
    begin(notice(1));
    await pass(2);
    lose(1);
    expect(row!.hurry_ms).toBe(2000);
    await pass(59);
    expect(row!.hurry_ms).toBe(2000);
    const waits: number[] = [];
    for (let time = 0; time < 8; time++) {
      await pass(row!.hurry_ms! / 1000);
      lose(1);
      waits.push(Math.round(row!.hurry_ms! / 1000));
    }
    expect(waits).toEqual([3, 6, 12, 24, 48, 60, 60, 60]);
  });

  it('test_hub_when_a_server_was_stopped_then_asked_as_seldom_as_usual', async () => {
    begin(notice(1, { is_stop: true }));
    await pass(2);
    lose(1);
    expect(row!.hurry_ms).toBeNull();
  });
});

describe('a restart that is called off', () => {
  it.each([
    ['ready', async (): Promise<void> => undefined],
    ['gone', async (board: NoticeBoard): Promise<void> => board.onOutcome('lost')]
  ])('test_row_when_%s_and_the_notice_is_withdrawn_then_the_next_is_shown', async (_, then) => {
    const seen = (): string[] => events.filter(said => said.startsWith('seen'));
    const watch = watchOf(outcome => board.onOutcome(outcome));
    const board: NoticeBoard = new NoticeBoard(labWith(), watch);
    const rows = (): (string | undefined)[] =>
      [...bar!.querySelectorAll<HTMLElement>('.growth-NoticeRow')].map(
        found => found.dataset.notice
      );
    listed = [notice(600)];
    await watch.ask();
    bar!.querySelector('button')!.click();
    await pass(1);
    await then(board);
    expect(bar!.textContent).toMatch(/in a moment|being restarted/);
    listed = [notice(900, {}, 'n2')];
    await watch.ask();
    await pass(1);
    expect(rows()).toEqual(['n2']);
    expect(bar!.textContent).toContain(TEXT);
    expect(seen()).toEqual(['seen n1', 'seen n2']);
    listed = [];
    await watch.ask();
    expect(rows()).toEqual([]);
  });
});
