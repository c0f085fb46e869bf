import { act, cleanup, fireEvent, render, screen, within } from '@testing-library/react';
import * as React from 'react';

import type { GrowthApi } from '../../src/api/client';
import {
  type IPackageCheck,
  type IPackageLists,
  type IPackagePlan,
  type IPackageReport,
  PackagesClient
} from '../../src/images/packages/client';
import { PackagesView } from '../../src/images/packages/view';
import { fakeApi, type IAsked, type IRefusal } from '../fake-api';
import { makeHost } from '../host';
import { ADA } from './fake-registry';

// jsdom draws nothing and opens no dialog.
Object.defineProperty(globalThis, 'IntersectionObserver', { value: undefined });
HTMLDialogElement.prototype.showModal = function () {
  this.open = true;
};
HTMLDialogElement.prototype.close = function () {
  this.open = false;
};

const LISTS: IPackageLists = {
  folder: '/home/admin/image',
  source: 'folder',
  link: '',
  commit: '',
  revision: 7,
  files: [],
  packages: [
    { list: 'pip', name: 'astropy', version: '8.0.1', spec: '==8.0.1', line: 2, remark: '' },
    { list: 'apt', name: 'git', version: '', spec: '', line: 1, remark: 'for nbgitpuller' }
  ],
  findings: [],
  python_version: '3.13',
  notes: []
};
const NEWER: IPackageCheck = {
  list: 'pip',
  name: 'astropy',
  version: '8.0.1',
  newest: '8.0.2',
  state: 'outdated',
  detail: '8.0.2 is newer.'
};
const PLAN: IPackagePlan = {
  id: 'abc',
  action: 'save',
  title: 'Add pip scipy ==1.17.1',
  warnings: [],
  items: [{ target: 'pip scipy', action: 'add', detail: '==1.17.1' }],
  confirm_number: null,
  base_revision: 7,
  files: [
    { file: 'pip', path: 'packages/pip.txt', before_sha256: '', unified: '@@\n+scipy==1.17.1\n' }
  ],
  texts: { pip: 'scipy==1.17.1\n' },
  packages: [],
  resolutions: [
    {
      list: 'pip',
      state: 'solved',
      sentence: 'pip would install 92 packages; they fit together.',
      detail: '',
      python_version: '3.13',
      packages: {}
    }
  ],
  findings: [],
  needs_override: false,
  notes: []
};

const BUILD = {
  id: 'images-build',
  label: 'Build the image',
  isEnabled: true,
  execute: () => undefined
};

class FakeSource {
  lists: IPackageLists = LISTS;
  plan: IPackagePlan = PLAN;
  condaProblem = '';
  readonly refusals = new Map<string, IRefusal>();
  readonly asked: IAsked[] = [];

  get api(): GrowthApi {
    return fakeApi(asked => this._reply(asked));
  }

  bodiesOf(path: string): unknown[] {
    return this.asked.filter(one => one.path === path && one.body).map(({ body }) => body);
  }

  private _reply(asked: IAsked): unknown {
    this.asked.push(asked);
    return this.refusals.get(asked.path) ?? this._answer(asked.path);
  }

  private _answer(path: string): unknown {
    const report: IPackageReport = {
      packages: [NEWER],
      resolutions: PLAN.resolutions ?? [],
      findings: [],
      is_buildable: true,
      notes: [],
      as_of: '2026-11-29T09:00:00Z'
    };
    const receipt = { plan_id: 'abc', title: 'r8 is saved.', items: [], undo: null };
    const answers: Record<string, unknown> = {
      'images/packages': this.lists,
      'images/tryouts': {
        tryouts: [],
        folder: '/tmp/growth-try-ada',
        conda_problem: this.condaProblem
      },
      'images/packages/checks': report,
      'images/packages/plans': this.plan,
      'images/packages/revisions': { revision: {}, receipt }
    };
    return answers[path];
  }
}

async function show(fake: FakeSource) {
  const host = makeHost(fake.api, ADA);
  await act(async () => {
    render(<PackagesView host={host} filter="" build={BUILD} />);
  });
  await settle();
  return host.traits;
}

/** Polls begin by a timer. */
const settle = () => act(() => new Promise<void>(done => setTimeout(done, 50)));
const press = (button: HTMLElement) =>
  act(async () => {
    fireEvent.click(button);
    await new Promise<void>(done => setTimeout(done, 20));
  });
const click = (name: string | RegExp) => press(screen.getByRole('button', { name }));
const write = (label: string | RegExp, text: string) =>
  act(async () => {
    fireEvent.change(screen.getByLabelText(label), { target: { value: text } });
  });
const dialog = () => within(screen.getByRole('dialog'));

describe('packages view', () => {
  afterEach(cleanup);

  it('test_package_when_added_by_name_then_difference_is_shown_and_saved_with_a_reason', async () => {
    const fake = new FakeSource();
    const traits = await show(fake);
    expect(screen.getByText('astropy')).not.toBeNull();
    await write('Package', ' scipy ');
    await click('Plan to add it');
    expect(fake.bodiesOf('images/packages/plans')).toEqual([
      { changes: [{ verb: 'add', list: 'pip', name: 'scipy', version: '' }] }
    ]);
    expect(dialog().getByLabelText('Change of packages/pip.txt').textContent).toContain(
      '+scipy==1.17.1'
    );
    expect(dialog().getByText(/92 packages; they fit together/)).not.toBeNull();
    const apply = dialog().getByRole('button', { name: 'Save the revision' });
    expect(apply.getAttribute('aria-disabled')).toBe('true');
    await write('Why it is changed', ' for Tuesday ');
    await press(apply);
    expect(fake.bodiesOf('images/packages/revisions')).toEqual([
      { plan_id: 'abc', texts: PLAN.texts, reason: 'for Tuesday', override_reason: '' }
    ]);
    await press(dialog().getAllByRole('button', { name: 'Close' }).pop()!);
    expect(traits.get('receipt')).toMatchObject({ title: 'r8 is saved.' });
  });

  it('test_package_of_conda_when_tried_then_it_is_asked_for_as_conda_writes_it', async () => {
    const fake = new FakeSource();
    await show(fake);
    await write('Package', 'source-extractor');
    await write('Version', '2.28');
    await write('From', 'conda');
    await click('Try it now');
    expect(fake.bodiesOf('images/tryouts')).toEqual([
      { list: 'conda', packages: ['source-extractor=2.28'] }
    ]);
  });

  it('test_package_when_its_list_cannot_be_tried_then_the_button_says_why', async () => {
    const fake = new FakeSource();
    fake.condaProblem = 'py-rattler is not installed here.';
    await show(fake);
    await write('Package', 'gsl');
    const button = screen.getByRole('button', { name: 'Try it now' });
    expect(button.getAttribute('aria-disabled')).toBe('false');
    for (const [list, why] of [
      ['conda', /py-rattler/],
      ['apt', /takes root/]
    ] as const) {
      await write('From', list);
      expect(button.getAttribute('aria-disabled')).toBe('true');
      expect(button.title).toMatch(why);
    }
    await click('Try it now');
    expect(fake.bodiesOf('images/tryouts')).toEqual([]);
  });

  it('test_plan_when_a_build_would_fail_then_it_takes_a_second_reason', async () => {
    const fake = new FakeSource();
    fake.plan = { ...PLAN, needs_override: true, warnings: ['There is no package ghost.'] };
    await show(fake);
    await write('Package', 'ghost');
    await click('Plan to add it');
    expect(dialog().getByText(/no package ghost/)).not.toBeNull();
    await write('Why it is changed', 'x');
    const apply = dialog().getByRole('button', { name: 'Save in spite of it' });
    expect(apply.title).toMatch(/build would fail/);
    await write(/although a build would fail/, 'tonight');
    await press(apply);
    expect(fake.bodiesOf('images/packages/revisions')).toMatchObject([
      { override_reason: 'tonight' }
    ]);
  });

  it('test_packages_when_checked_then_what_the_index_says_stands_in_their_rows', async () => {
    await show(new FakeSource());
    await click('Check all packages');
    expect(screen.getAllByText('newer exists').length).toBeGreaterThan(0);
    expect(screen.getByText('8.0.2')).not.toBeNull();
  });

  it('test_index_when_it_does_not_answer_then_its_words_are_shown', async () => {
    const fake = new FakeSource();
    fake.refusals.set('images/packages/plans', {
      status: 503,
      title: 'The package index does not answer',
      detail: 'index.test answered with status 503.'
    });
    await show(fake);
    await write('Package', 'scipy');
    await click('Plan to add it');
    expect(screen.getByRole('alert').textContent).toContain('status 503');
  });

  it('test_questions_when_put_then_nobody_looks_again_as_after_a_change', async () => {
    const { api } = new FakeSource();
    const client = new PackagesClient(api);
    let changes = 0;
    api.changed.connect(() => (changes += 1));
    await client.check();
    const plan = await client.plan([]);
    expect(changes).toBe(0);
    await client.save(plan, 'for Tuesday', '');
    expect(changes).toBe(1);
  });

  it('test_source_when_it_is_not_there_then_what_to_do_is_said', async () => {
    const fake = new FakeSource();
    fake.refusals.set('images/packages', {
      status: 501,
      title: 'A part is missing',
      detail: "There is no image's source in /home/admin/image.",
      hint: 'Copy the folder image/ there.'
    });
    await show(fake);
    expect(screen.getByText(/Copy the folder image/)).not.toBeNull();
    expect(screen.queryByLabelText('Package')).toBeNull();
  });
});
