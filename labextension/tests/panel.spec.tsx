import { act, cleanup, fireEvent, render, screen } from '@testing-library/react';
import * as React from 'react';

import type { GrowthApi } from '../src/api/client';
import { Problem } from '../src/api/problem';
import type { IMe } from '../src/api/types';
import { ActionRegistry } from '../src/panel/actions';
import { PanelFrame } from '../src/panel/frame';
import type { ISchool } from '../src/panel/host';
import { LocalTraits } from '../src/panel/traits';

// jsdom draws nothing, so nothing could ever be on the screen.
Object.defineProperty(globalThis, 'IntersectionObserver', { value: undefined });

const ME: IMe = {
  login: 'tom',
  areas: ['servers'],
  scopes: ['custom:growth:servers'],
  groups: ['tas'],
  version: '0.1.0',
  standalone: false,
  server_name: '',
  missing: []
};

const ADA: IMe = { ...ME, login: 'ada', scopes: ['custom:growth:admin'], groups: ['admins'] };

const SERVER = {
  user: 'jane-doe',
  server_name: '',
  state: 'ready',
  started: null,
  last_activity: null,
  url: null,
  image: null,
  groups: [],
  is_own: false
};

const NO_NOTICES = { notices: [], problems: [] };

function school(getMe: () => Promise<IMe>): ISchool {
  const page = { servers: [SERVER], total: 1, ready: 1, as_of: '2026-11-23T08:00:00Z' };
  const api = {
    listServers: async () => page,
    request: async (path: string) => (path === 'servers/notices' ? NO_NOTICES : page),
    listJobs: async () => []
  } as unknown as GrowthApi;
  return { api, editors: null, getMe, open: () => undefined, openUrl: () => undefined };
}

async function show(area: string, getMe: () => Promise<IMe>) {
  const traits = new LocalTraits();
  const actions = new ActionRegistry();
  await act(async () => {
    render(
      <PanelFrame
        school={school(getMe)}
        area={area}
        traits={traits}
        actions={actions}
        place="lab"
      />
    );
  });
  return { traits, actions };
}

describe('PanelFrame', () => {
  afterEach(cleanup);

  it('test_panel_when_the_area_is_not_open_then_says_that_and_why', async () => {
    await show('servers', async () => ({ ...ME, areas: [] }));
    expect(screen.getByRole('status').textContent).toContain('Servers is not open to you');
    expect(screen.getByRole('status').textContent).toContain('tom');
  });

  it('test_notices_when_a_ta_holds_servers_only_then_the_panel_is_for_organisers', async () => {
    await show('notices', async () => ME);
    expect(screen.getByRole('status').textContent).toContain('it takes an organiser');
    cleanup();
    await show('panel', async () => ME);
    expect(screen.queryByRole('tab', { name: 'Servers' })).toBeTruthy();
    expect(screen.queryByRole('tab', { name: 'Notices' })).toBeNull();
  });

  it('test_panel_when_the_server_is_gone_then_can_be_tried_again', async () => {
    let isDown = true;
    await show('jobs', async () => {
      if (isDown) {
        throw Problem.unreachable(new Error('Failed to fetch'));
      }
      return ME;
    });
    expect(screen.getByRole('alert').textContent).toContain('did not answer');
    isDown = false;
    await act(async () => {
      fireEvent.click(screen.getByRole('button', { name: 'Try again' }));
    });
    expect(await screen.findByText(/No job is running/)).toBeTruthy();
  });

  it('test_servers_when_a_row_is_chosen_then_traits_and_commands_know_it', async () => {
    const { traits, actions } = await show('servers', async () => ME);
    const box = await screen.findByRole('checkbox', { name: 'Select jane-doe' });
    expect(actions.get('servers-restart')?.isEnabled).toBe(false);
    fireEvent.click(box);
    expect(traits.get('selection')).toEqual(['jane-doe']);
    expect(actions.get('servers-restart')?.label).toBe('Restart jane-doe');
    expect(actions.get('servers-start')?.isEnabled).toBe(false);
  });

  it('test_tabs_when_changed_then_each_keeps_its_own_filter', async () => {
    const { traits } = await show('panel', async () => ADA);
    act(() => traits.set('filter', 'jane'));
    await act(async () => {
      fireEvent.keyDown(screen.getByRole('tab', { name: 'Servers' }), { key: 'ArrowRight' });
    });
    expect(screen.getByRole('tab', { name: 'Notices' }).getAttribute('aria-selected')).toBe('true');
    expect(traits.get('filter')).toBe('');
    await act(async () => {
      fireEvent.click(screen.getByRole('tab', { name: 'Servers' }));
    });
    expect(traits.get('filter')).toBe('jane');
  });
});
