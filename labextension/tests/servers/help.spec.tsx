import { act, cleanup, fireEvent, render, screen, within } from '@testing-library/react';
import * as React from 'react';

import type { GrowthApi } from '../../src/api/client';
import { Problem } from '../../src/api/problem';
import { type IAction } from '../../src/panel/actions';
import { ServerHelp } from '../../src/servers/help';
import type { IHelp } from '../../src/servers/types';
import { makeHost } from '../host';
import { ADA } from './fake-servers';
import { server } from './samples';

Object.defineProperty(globalThis, 'IntersectionObserver', { value: undefined });

const MARKUP = '<img src=x onerror=alert(1)>';
const HELP: IHelp = {
  user: 'jane-doe',
  server_name: '',
  is_known: true,
  groups: ['students'],
  last_activity: null,
  standing: '',
  servers: [],
  access: {
    is_open: true,
    url: '/user/jane-doe/',
    detail: 'You act there as jane-doe.',
    hint: ''
  },
  findings: [
    {
      id: 'bad-start',
      severity: 'error',
      sentence: `as-user.sh failed at line 20 in the last 3 starts: ${MARKUP}.`,
      next_step: 'Restore r30 of as-user.sh.',
      mend: 'scripts',
      script: 'as-user.sh',
      revision: 30
    },
    {
      id: 'old-revision',
      severity: 'info',
      sentence: 'Another text is live now.',
      next_step: 'Restart it.',
      mend: 'restart',
      script: '',
      revision: null
    },
    {
      id: 'no-record',
      severity: 'warning',
      sentence: 'The start left no record.',
      next_step: '',
      mend: 'starts',
      script: '',
      revision: null
    }
  ],
  starts: [],
  logs: [
    {
      script: 'as-user.sh',
      name: 'jane-doe-as-user.log',
      text: `${MARKUP}\n`,
      size_bytes: 30,
      is_truncated: false,
      written: '2026-11-23T09:00:00Z'
    }
  ],
  home: {
    disk_used_bytes: 99e8,
    disk_size_bytes: 1e10,
    files_bytes: 5e9,
    is_counted_whole: true,
    as_of: '2026-11-23T09:00:00Z',
    source: 'disk'
  },
  notes: ['Something is not known.'],
  as_of: '2026-11-23T09:00:00Z'
};

async function show(help: IHelp | Problem, opening: unknown = { url: '/user/jane-doe/' }) {
  const sent: string[] = [];
  const opened: string[] = [];
  const areas: string[] = [];
  const api = {
    request: async (path: string, options?: { method?: string }) => {
      sent.push(`${options?.method ?? 'GET'} ${path}`);
      const answer = path.endsWith('/openings') ? opening : help;
      if (answer instanceof Problem) {
        throw answer;
      }
      return answer;
    }
  } as unknown as GrowthApi;
  const me = { ...ADA, areas: ['servers', 'startup'] };
  const host = makeHost(api, me, 'lab', {
    open: (area, filter) => areas.push(`${area}:${filter ?? ''}`),
    openUrl: url => opened.push(url)
  });
  const restart: IAction = {
    id: 'servers-restart',
    label: 'Restart jane-doe',
    isEnabled: true,
    execute: jest.fn()
  };
  const row = server('jane-doe', { state: 'ready' });
  await act(async () => {
    render(<ServerHelp host={host} server={row} actions={[restart]} />);
  });
  return { sent, opened, areas, restart };
}

const press = (name: string | RegExp) =>
  act(async () => {
    fireEvent.click(screen.getByRole('button', { name }));
  });

describe('help for one user', () => {
  afterEach(cleanup);

  it('test_help_when_it_comes_then_findings_have_their_words_and_their_buttons', async () => {
    const { sent, areas, restart } = await show(HELP);
    expect(sent).toEqual(['GET servers/help/jane-doe']);
    expect(screen.getByText(/failed at line 20 in the last 3 starts/)).toBeTruthy();
    await press('Open start scripts to restore r30');
    await press('Open their starts');
    expect(areas).toEqual(['startup:', 'startup:jane-doe']);
    await press('Restart jane-doe');
    expect(restart.execute).toHaveBeenCalled();
  });

  it('test_help_when_texts_hold_markup_then_it_is_text', async () => {
    await show(HELP);
    expect(document.querySelector('img')).toBeNull();
    expect(screen.getByRole('region', { name: /End of/, hidden: true }).textContent).toContain(
      MARKUP
    );
  });

  it('test_home_when_known_then_a_meter_says_how_full', async () => {
    await show(HELP);
    const meter = screen.getByRole('meter');
    expect(meter.getAttribute('aria-valuenow')).toBe('99');
    expect(meter.getAttribute('data-level')).toBe('error');
    expect(screen.getByText(/99 % of 10 GB used; their files take 5 GB/)).toBeTruthy();
  });

  it('test_open_when_pressed_then_it_is_recorded_before_the_tab_opens', async () => {
    const { sent, opened } = await show(HELP);
    expect(screen.getByText(/You act there as jane-doe/)).toBeTruthy();
    await press('Open as jane-doe in a new tab');
    expect(sent[sent.length - 1]).toBe('POST servers/help/jane-doe/openings');
    expect(opened).toEqual(['/user/jane-doe/']);
    const said = screen.getByRole('status');
    expect(within(said).getByRole('link').getAttribute('href')).toBe('/user/jane-doe/');
  });

  it('test_open_when_it_cannot_be_recorded_then_nothing_opens', async () => {
    const refusal = new Problem({ status: 403, title: 'No', detail: 'access:servers', hint: '' });
    const { opened } = await show(HELP, refusal);
    await press('Open as jane-doe in a new tab');
    expect(opened).toEqual([]);
    expect(screen.getByRole('alert').textContent).toContain('access:servers');
  });

  it('test_open_when_not_allowed_then_the_button_is_off_and_says_why', async () => {
    const access = { is_open: false, url: null, detail: 'That needs a scope.', hint: 'Ask.' };
    await show({ ...HELP, access });
    const button = screen.getByRole('button', { name: /Open as jane-doe/ });
    expect(button.getAttribute('aria-disabled')).toBe('true');
    expect(screen.getByText('That needs a scope. Ask.')).toBeTruthy();
  });

  it('test_help_when_the_hub_is_out_then_a_problem_with_another_try', async () => {
    await show(
      new Problem({ status: 503, title: 'The hub does not answer', detail: '', hint: '' })
    );
    expect(screen.getByText(/The hub does not answer/)).toBeTruthy();
    expect(screen.getByRole('button', { name: 'Try again' })).toBeTruthy();
  });
});
