import { act, fireEvent, render, screen } from '@testing-library/react';
import * as React from 'react';

import { NoticeCard } from '../../src/notices/card';
import { NoticesClient } from '../../src/notices/client';
import type { INoticeRow } from '../../src/notices/types';
import { fakeApi, type IRefusal } from '../fake-api';

const rowWith = (seen: number): INoticeRow => ({
  notice: {
    id: 'n1',
    text: 'Lunch',
    level: 'info',
    kind: 'bar',
    audience: { groups: [], users: [], servers: [] },
    since: '2026-11-29T10:00:00Z',
    until: '2026-11-29T12:00:00Z',
    link: '',
    restart: null,
    written: '2026-11-29T10:00:00Z',
    written_by: 'ada-okafor',
    changed: null,
    changed_by: '',
    withdrawn: null,
    withdrawn_by: ''
  },
  state: 'shown',
  audience: 'everybody',
  counts: { seen, saved: 0, unsaved: 0, ready: 0, wants_time: 0, busy: 0 }
});

describe('the receipts of a notice', () => {
  it('test_receipts_when_one_reading_fails_then_they_stay_and_the_next_clears_it', async () => {
    let problem: IRefusal | null = null;
    const client = new NoticesClient(
      fakeApi(() => problem ?? { ...rowWith(1), receipts: [{ user: 'jane-doe', server_name: '' }] })
    );
    const card = (seen: number): React.JSX.Element => (
      <NoticeCard row={rowWith(seen)} client={client} change={() => undefined} />
    );
    const { rerender } = render(card(1));
    const next = (seen: number): Promise<void> =>
      act(async () => {
        rerender(card(seen));
        await new Promise(done => setTimeout(done, 20));
      });
    fireEvent.click(screen.getByRole('button', { name: 'Show receipts' }));
    await next(1);
    const isListed = (): boolean => screen.queryByText('jane-doe') !== null;
    expect(isListed()).toBe(true);
    problem = { status: 503, title: 'The hub does not answer' };
    await next(2);
    expect(screen.getByRole('alert').textContent).toContain('The hub does not answer');
    expect(isListed()).toBe(true);
    problem = null;
    await next(3);
    expect(screen.queryByRole('alert')).toBeNull();
    expect(isListed()).toBe(true);
  });
});
