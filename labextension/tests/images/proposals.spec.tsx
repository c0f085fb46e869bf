import { act, cleanup, fireEvent, render, screen, within } from '@testing-library/react';
import * as React from 'react';

import type { IPackageLists, IProposal, IProposalDetails } from '../../src/images/packages/client';
import { PackagesView } from '../../src/images/packages/view';
import { fakeApi, type IAsked, type IRefusal } from '../fake-api';
import { makeHost } from '../host';
import { ADA } from './fake-registry';

Object.defineProperty(globalThis, 'IntersectionObserver', { value: undefined });

const LISTS: IPackageLists = {
  folder: 'school/image at GitHub',
  source: 'github',
  link: 'https://github.example/school/image',
  commit: 'a'.repeat(40),
  revision: 7,
  files: [],
  packages: [],
  findings: [],
  python_version: '3.13',
  notes: []
};
const WAITING: IProposal = {
  number: 12,
  title: 'Add pip <b>scipy</b> ==1.17.1',
  state: 'open',
  author: 'ada',
  reason: 'for Tuesday',
  time: '2026-11-29T09:00:00Z',
  branch: 'growth/abc',
  commit: 'b'.repeat(40),
  link: 'https://github.example/school/image/pull/12',
  is_made_here: true
};
const DETAILS: IProposalDetails = {
  proposal: WAITING,
  files: [
    { file: 'pip', path: 'packages/pip.txt', before_sha256: '', unified: '@@\n+scipy==1.17.1\n' }
  ],
  problem: '',
  hint: ''
};
const BUILD = { id: 'images-build', label: 'Build the image', isEnabled: true, execute: jest.fn() };

class FakeRepository {
  details = DETAILS;
  proposals: IProposal[] = [WAITING];
  readonly refusals = new Map<string, IRefusal>();
  readonly asked: IAsked[] = [];

  reply(asked: IAsked): unknown {
    this.asked.push(asked);
    const receipt = { plan_id: '', title: '#12 is merged as r8.', items: [], undo: null };
    const answers: Record<string, unknown> = {
      'images/packages': LISTS,
      'images/packages/revisions': { revisions: [] },
      'images/packages/proposals': { source: 'github', proposals: this.proposals },
      'images/packages/proposals/12': this.details,
      'images/packages/proposals/12/merges': { revision: {}, receipt, proposal: WAITING },
      'images/packages/proposals/12/withdrawals': { ...WAITING, state: 'closed' }
    };
    return this.refusals.get(asked.path) ?? answers[asked.path];
  }

  bodiesOf(path: string): unknown[] {
    return this.asked.filter(one => one.path === path && one.body).map(({ body }) => body);
  }
}

const settle = () => act(() => new Promise<void>(done => setTimeout(done, 50)));
const click = async (role: string, name: string | RegExp) => {
  await act(async () => {
    fireEvent.click(screen.getByRole(role, { name }));
  });
  await settle();
};

async function show(fake: FakeRepository) {
  const api = fakeApi(asked => fake.reply(asked));
  const host = makeHost(api, ADA);
  await act(async () => {
    render(<PackagesView host={host} filter="" build={BUILD} />);
  });
  await settle();
  await click('tab', /Pull requests/);
}

/** Opens the details of the first row. */
const openFirst = async () => {
  await act(async () => {
    fireEvent.click(screen.getByText(WAITING.title));
  });
  await settle();
};

describe('pull requests', () => {
  afterEach(cleanup);

  it('test_change_when_it_waits_then_its_state_and_link_are_shown_and_it_is_merged', async () => {
    const fake = new FakeRepository();
    await show(fake);
    expect(screen.getByRole('tab', { name: /1 open/ })).not.toBeNull();
    await openFirst();
    const link = screen.getByRole<HTMLAnchorElement>('link', { name: 'Pull request #12' });
    expect(link.href).toBe(WAITING.link);
    expect(screen.getByLabelText('Change of packages/pip.txt').textContent).toContain('+scipy');
    await click('button', 'Merge #12');
    expect(fake.bodiesOf('images/packages/proposals/12/merges')).toEqual([
      { commit: WAITING.commit }
    ]);
    const said = screen.getByText('#12 is merged as r8.').closest('[role=status]') as HTMLElement;
    expect(within(said).getByRole('button', { name: 'Build the image' })).not.toBeNull();
  });

  it('test_change_when_the_lists_moved_on_then_it_cannot_be_merged_and_why_is_said', async () => {
    const fake = new FakeRepository();
    fake.details = { ...DETAILS, problem: 'The lists were changed.', hint: 'Withdraw it.' };
    await show(fake);
    await openFirst();
    expect(screen.getByText('The lists were changed. Withdraw it.')).not.toBeNull();
    await click('button', 'Merge #12');
    expect(fake.bodiesOf('images/packages/proposals/12/merges')).toEqual([]);
  });

  it('test_change_when_withdrawn_then_it_takes_a_reason', async () => {
    const fake = new FakeRepository();
    await show(fake);
    await openFirst();
    await click('button', 'Withdraw it');
    await click('button', 'Withdraw #12');
    const path = 'images/packages/proposals/12/withdrawals';
    expect(fake.bodiesOf(path)).toEqual([]);
    await act(async () => {
      fireEvent.change(screen.getByLabelText('Why it is withdrawn'), {
        target: { value: ' not now ' }
      });
    });
    await click('button', 'Withdraw #12');
    expect(fake.bodiesOf(path)).toEqual([{ reason: 'not now' }]);
  });

  it('test_merge_when_refused_then_what_happened_is_said', async () => {
    const fake = new FakeRepository();
    fake.refusals.set('images/packages/proposals/12/merges', {
      status: 409,
      title: 'Changed by somebody else',
      detail: 'The branch of pull request #12 was changed since you looked at it.'
    });
    await show(fake);
    await openFirst();
    await click('button', 'Merge #12');
    expect(screen.getByRole('alert').textContent).toContain('was changed since you looked');
  });

  it('test_list_when_no_change_waits_then_that_is_said', async () => {
    const fake = new FakeRepository();
    fake.proposals = [];
    await show(fake);
    expect(screen.getByText(/No change waits/)).not.toBeNull();
  });
});
