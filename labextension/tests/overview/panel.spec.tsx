import { act, cleanup, fireEvent, render, screen, within } from '@testing-library/react';
import * as React from 'react';

import type { GrowthApi } from '../../src/api/client';
import { Problem } from '../../src/api/problem';
import { fold, MOST_LINES, sentenceOf, textOf } from '../../src/overview/model';
import { OverviewPanel } from '../../src/overview/panel';
import { overview } from '../../src/overview/plugin';
import type { ILine, IOverview, LineState } from '../../src/overview/types';
import { ActionRegistry } from '../../src/panel/actions';
import type { IHost } from '../../src/panel/host';
import { LocalTraits } from '../../src/panel/traits';

// jsdom draws nothing, so nothing could ever be on the screen.
Object.defineProperty(globalThis, 'IntersectionObserver', { value: undefined });
afterEach(cleanup);

const MARKUP = '<img src=x onerror=alert(1)>';

function line(id: string, state: LineState, more: Partial<ILine> = {}): ILine {
  return {
    id,
    title: id,
    state,
    sentence: `6 of 312 ${id} failed.`,
    details: [],
    lacks: '',
    hint: '',
    is_pinned: false,
    is_under_way: false,
    mend: { label: `Open the ${id}`, panel: 'servers', command: 'open-servers', request: '' },
    ...more
  };
}

function page(lines: ILine[]): IOverview {
  const count = (state: LineState): number => lines.filter(one => one.state === state).length;
  return {
    lines,
    counts: {
      ok: count('ok'),
      warning: count('warning'),
      error: count('error'),
      unknown: count('unknown')
    },
    as_of: '2026-11-29T08:50:00Z'
  };
}

async function show(load: () => Promise<IOverview>, areas: string[] = ['servers', 'overview']) {
  const opened: string[] = [];
  const api = { request: load } as unknown as GrowthApi;
  const actions = new ActionRegistry();
  const host = {
    api,
    school: { api, open: (area: string) => opened.push(area) },
    me: { areas },
    traits: new LocalTraits(),
    actions,
    place: 'lab'
  } as unknown as IHost;
  await act(async () => {
    render(<OverviewPanel host={host} />);
  });
  await act(async () => undefined);
  await act(async () => new Promise(done => setTimeout(done, 5)));
  return { opened, actions };
}

test('lines when bad then each stands with its one action, and good ones are a count', async () => {
  const { opened } = await show(async () =>
    page([line('starts', 'error'), line('datasets', 'warning'), line('hub', 'ok')])
  );
  const bad = screen.getByRole('list', { name: 'What is wrong' });
  expect(
    within(bad)
      .getAllByRole('button')
      .map(one => one.textContent)
  ).toEqual(['Open the starts', 'Open the datasets']);
  expect(screen.getByRole('status').textContent).toBe('1 thing wrong, 1 thing to look at, 1 good.');
  expect(screen.getByText('1 good: hub')).toBeTruthy();
  fireEvent.click(within(bad).getByText('Open the starts'));
  expect(opened).toEqual(['servers']);
});

test('a line when its panel is not open to the user then it has no action', async () => {
  await show(async () => page([line('starts', 'error')]), ['overview']);
  expect(screen.queryByText('Open the starts')).toBeNull();
});

test('a line when it cannot be told then it names what it lacks', async () => {
  await show(async () =>
    page([line('shares', 'unknown', { lacks: 'read:shares!group=admins', mend: null })])
  );
  expect(screen.getByText('1 not known: shares')).toBeTruthy();
  expect(screen.getByText('Lacks read:shares!group=admins.')).toBeTruthy();
});

test('a line when it holds markup then it is text', async () => {
  await show(async () => page([line('starts', 'error', { details: [MARKUP], sentence: MARKUP })]));
  expect(document.querySelector('img')).toBeNull();
  expect(screen.getAllByText(MARKUP)).toHaveLength(2);
});

test('the page when the server is away then it says so and asks again', async () => {
  const problem = new Problem({
    status: 503,
    title: 'The hub does not answer',
    detail: 'x',
    hint: ''
  });
  await show(async () => Promise.reject(problem));
  expect(screen.getByText(/The hub does not answer/)).toBeTruthy();
});

test('commands when the page is there then they are offered', async () => {
  const { actions } = await show(async () => page([line('hub', 'ok')]));
  expect(actions.get('overview-refresh')?.isEnabled).toBe(true);
  expect(actions.get('overview-copy')?.isEnabled).toBe(true);
  expect(overview.commands.every(command => actions.get(command.id))).toBe(true);
});

test.each([0, 3, 8, 9, 14])('fold when %i lines are bad then ten rows are enough', count => {
  const lines = Array.from({ length: count }, (_, index) => line(`bad-${index}`, 'warning'));
  const folded = fold([...lines, line('hub', 'ok'), line('homes', 'unknown')]);
  expect(folded.shown.length + folded.more.length).toBe(count);
  expect(folded.shown.length + (folded.more.length > 0 ? 1 : 0) + 2).toBeLessThanOrEqual(
    MOST_LINES
  );
});

test('a line when it has a request then its button puts it, stays here and looks again', async () => {
  const asked: string[] = [];
  const mend = { label: 'Run it', panel: 'servers', command: 'open-servers', request: 'a/runs' };
  let isRunning = false;
  const load = async (path: string): Promise<IOverview> => {
    asked.push(path);
    isRunning ||= path === 'a/runs';
    const sentence = isRunning ? 'It runs now.' : 'All 7 steps.';
    const bot = { sentence, mend, is_pinned: true, is_under_way: isRunning };
    return page([line('bot', 'ok', bot as Partial<ILine>), line('hub', 'ok')]);
  };
  const { opened } = await show(load as () => Promise<IOverview>);
  expect(screen.getByText('1 good: hub')).toBeTruthy();
  fireEvent.click(screen.getByText('Run it'));
  fireEvent.click(screen.getByText('Run it')); // impatient
  await screen.findByText('It runs now.');
  expect(asked.filter(path => path === 'a/runs')).toHaveLength(1);
  expect(opened).toEqual([]);
});

test('a line when its request is refused then the page says why until it is read', async () => {
  const mend = { label: 'Run it', panel: 'servers', command: 'open-servers', request: 'a/runs' };
  const refused = new Problem({ status: 409, title: 'No', detail: 'It runs already.', hint: '' });
  const load = async (path: string): Promise<IOverview> =>
    path === 'a/runs'
      ? Promise.reject(refused)
      : page([line('bot', 'ok', { mend, is_pinned: true } as Partial<ILine>)]);
  await show(load as () => Promise<IOverview>);
  fireEvent.click(screen.getByText('Run it'));
  expect(await screen.findByText(/It runs already/)).toBeTruthy();
  fireEvent.click(screen.getByRole('button', { name: 'Dismiss' }));
  expect(screen.queryByText(/It runs already/)).toBeNull();
});

test('fold when some are red then they come first', () => {
  const folded = fold([line('a', 'warning'), line('b', 'error')]);
  expect(folded.shown.map(({ id }) => id)).toEqual(['b', 'a']);
});

test('words when all is good or not then they count', async () => {
  expect(sentenceOf(page([line('a', 'ok'), line('b', 'ok')]))).toBe('All 2 things are good');
  expect(sentenceOf(page([line('a', 'unknown')]))).toBe('1 not known, 0 good');
  expect(textOf([line('a', 'error')])).toBe('wrong: a: 6 of 312 a failed.');
  const api = { request: async () => page([line('a', 'warning')]) } as unknown as GrowthApi;
  expect(await overview.getStatus?.(api)).toEqual({
    text: '1 thing to look at, 0 good',
    tone: 'warn'
  });
});
