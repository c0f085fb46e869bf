import { act, cleanup, fireEvent, render, screen } from '@testing-library/react';
import * as React from 'react';

import type { IJob } from '../../src/api/types';
import { CheckImage } from '../../src/images/checks/check-image';
import { ImagesPanel } from '../../src/images/panel';
import { PrePullImage } from '../../src/images/prepulls/prepull-image';
import { TryOuts, useTrying } from '../../src/images/tryouts/try-outs';
import type { IGate } from '../../src/images/types';
import type { IHost } from '../../src/panel/host';
import { fakeApi, type IAsked } from '../fake-api';
import { makeHost } from '../host';
import { runningJob } from '../jobs';
import { ADA, FakeRegistry } from './fake-registry';
import { MISSING, NEXT, PASSED } from './samples';

jest.setTimeout(30_000);
Object.defineProperty(globalThis, 'IntersectionObserver', { value: undefined });

const JOB = runningJob({
  id: 'check-1',
  kind: 'images.check',
  area: 'images',
  title: 'Check the image git-42',
  subject: `images/tags/${NEXT}`
});
const step = (target: string, result: string, detail = '') => ({
  target,
  action: '1.2 s',
  result,
  detail
});

/** A server in memory whose answers a test sets by method and path. */
class FakeServer {
  readonly answers = new Map<string, unknown>([['GET jobs', { jobs: [] }]]);
  readonly asked: IAsked[] = [];

  get host(): IHost {
    const api = fakeApi(asked => {
      this.asked.push(asked);
      return this.answers.get(`${asked.method} ${decodeURIComponent(asked.path)}`);
    });
    return makeHost(api, ADA);
  }
}

const settle = (wait_ms = 60) => act(() => new Promise<void>(done => setTimeout(done, wait_ms)));
const show = async (view: JSX.Element) => {
  await act(async () => {
    render(view);
  });
  await settle();
};
const click = async (name: string) => {
  await act(async () => {
    fireEvent.click(screen.getByRole('button', { name }));
  });
  await settle();
};

describe('check of an image', () => {
  afterEach(cleanup);

  it('test_check_when_begun_then_it_is_followed_and_each_step_is_told_in_the_end', async () => {
    const fake = new FakeServer();
    fake.answers.set(`POST images/tags/${NEXT}/checks`, JOB);
    fake.answers.set('GET jobs/check-1', JOB);
    const onEnded = jest.fn();
    await show(<CheckImage host={fake.host} digest={NEXT} onEnded={onEnded} />);
    await click('Check this image');
    expect(screen.getByText('Check the image git-42')).toBeTruthy();
    expect(screen.queryByRole('button', { name: 'Check this image' })).toBeNull();
    expect(onEnded).not.toHaveBeenCalled();
    const items = [
      step('Smoke checks', 'skipped', 'not run: there is no builder'),
      step('Start the canary', 'ok'),
      step('Read a dataset', 'failed', 'a.csv: Permission denied'),
      step('Stop and clean up', 'not-reached')
    ];
    fake.answers.set('GET jobs/check-1', {
      ...JOB,
      state: 'succeeded',
      ended: '2026-11-29T09:01:00Z',
      receipt: { title: 'did not pass', items, is_passed: false }
    });
    await settle(1300);
    expect(onEnded).toHaveBeenCalledTimes(1);
    expect(screen.getByText('a.csv: Permission denied')).toBeTruthy();
    expect(screen.getAllByText('failed')).toHaveLength(2);
    expect(screen.getByRole('button', { name: 'Check this image' })).toBeTruthy();
  });

  it('test_list_when_a_check_has_ended_then_it_says_so_without_waiting', async () => {
    const fake = new FakeRegistry();
    const said = (gate: IGate) =>
      fake.tags.map(row => (row.digest === NEXT ? { ...row, gate } : row));
    fake.tags = said(MISSING);
    await show(<ImagesPanel host={makeHost(fake.api, ADA)} />);
    await act(async () => {
      fireEvent.click(screen.getByRole('row', { name: /git-42/ }));
    });
    await settle();
    fake.jobs = [JOB];
    await click('Check this image');
    expect(screen.getByRole('row', { name: /git-42/ }).textContent).toContain('not checked');
    fake.tags = said(PASSED);
    fake.jobs = [{ ...JOB, state: 'succeeded', ended: '2026-11-29T09:01:00Z' }];
    await settle(1300);
    expect(screen.getByRole('row', { name: /git-42/ }).textContent).toContain('passed');
  });

  it('test_check_when_refused_then_why_and_what_to_do_are_shown', async () => {
    const fake = new FakeServer();
    fake.answers.set(`POST images/tags/${NEXT}/checks`, {
      status: 501,
      title: 'A part is missing',
      detail: 'This school has no bot student.',
      hint: 'Give the hub GROWTH_BOT.'
    });
    await show(<CheckImage host={fake.host} digest={NEXT} onEnded={jest.fn()} />);
    await click('Check this image');
    expect(screen.getByText(/This school has no bot student/)).toBeTruthy();
    expect(screen.getByText(/Give the hub GROWTH_BOT/)).toBeTruthy();
  });

  it('test_check_when_another_image_is_chosen_before_the_answer_then_it_is_not_shown_there', async () => {
    const fake = new FakeServer();
    let answer: (job: IJob) => void = () => undefined;
    const begun = new Promise<IJob>(done => (answer = done));
    fake.answers.set(`POST images/tags/${NEXT}/checks`, begun);
    fake.answers.set('GET jobs/check-1', JOB);
    const { host } = fake;
    const view = (digest: string) => (
      <CheckImage host={host} digest={digest} onEnded={() => undefined} />
    );
    const { rerender } = render(view(NEXT));
    await settle();
    await click('Check this image');
    rerender(view(`sha256:${'b'.repeat(64)}`));
    await settle();
    await act(async () => answer(JOB));
    await settle();
    expect(screen.queryByText('Check the image git-42')).toBeNull();
    const button = screen.getByRole('button', { name: 'Check this image' });
    expect(button.getAttribute('aria-disabled')).toBe('false');
    expect(fake.asked.filter(({ path }) => path === 'jobs/check-1')).toEqual([]);
  });

  it('test_check_when_another_organiser_runs_it_then_that_one_is_shown', async () => {
    const fake = new FakeServer();
    const theirs = { ...JOB, created_by: 'marek' };
    fake.answers.set('GET jobs', {
      jobs: [{ ...theirs, id: 'x', subject: 'images/tags/y' }, theirs]
    });
    fake.answers.set('GET jobs/check-1', theirs);
    await show(<CheckImage host={fake.host} digest={NEXT} onEnded={jest.fn()} />);
    expect(screen.getByText(/marek/)).toBeTruthy();
    expect(screen.getByRole('button', { name: 'Cancel' })).toBeTruthy();
  });
});

const FETCHING: IJob = {
  ...JOB,
  id: 'prepull-1',
  kind: 'images.prepull',
  title: 'Pre-pull the image git-42',
  progress: {
    done: 3,
    total: 5,
    unit: 'nodes',
    message: 'node-4: ErrImagePull: timeout',
    rate_per_s: null,
    eta_s: null
  }
};

describe('pre-pull of an image', () => {
  afterEach(cleanup);

  it('test_prepull_when_begun_then_nodes_are_counted_and_each_is_told_in_the_end', async () => {
    const fake = new FakeServer();
    fake.answers.set(`POST images/tags/${NEXT}/prepulls`, FETCHING);
    fake.answers.set('GET jobs/prepull-1', FETCHING);
    await show(<PrePullImage host={fake.host} digest={NEXT} />);
    await click('Pre-pull this image');
    expect(screen.queryByRole('button', { name: 'Pre-pull this image' })).toBeNull();
    expect(screen.getByText(/3 of 5 nodes/)).toBeTruthy();
    expect(screen.getByText(/ErrImagePull: timeout/)).toBeTruthy();
    expect(screen.getByRole('button', { name: 'Cancel' })).toBeTruthy();
    fake.answers.set('GET jobs/prepull-1', {
      ...FETCHING,
      state: 'failed',
      ended: '2026-11-29T09:01:00Z',
      problem: { title: 'The request failed', detail: '1 of 2', hint: 'Pre-pull again.' },
      receipt: {
        title: '1 of 2 nodes did not get it',
        items: [step('node-1', 'done'), step('node-4', 'failed', 'ErrImagePull: no route')]
      }
    });
    await settle(1300);
    expect(screen.getByText(/1 of 2 nodes did not get it/)).toBeTruthy();
    expect(screen.getByText('ErrImagePull: no route')).toBeTruthy();
    expect(screen.getByText('Pre-pull again.')).toBeTruthy();
    expect(screen.getByRole('button', { name: 'Pre-pull this image' })).toBeTruthy();
  });

  it('test_prepull_when_the_hub_does_not_offer_it_then_why_and_what_to_do_are_shown', async () => {
    const fake = new FakeServer();
    fake.answers.set(`POST images/tags/${NEXT}/prepulls`, {
      status: 501,
      title: 'A part is missing',
      detail: 'Its hub_config.py is older.',
      hint: 'Give the hub the new one.'
    });
    await show(<PrePullImage host={fake.host} digest={NEXT} />);
    await click('Pre-pull this image');
    expect(screen.getByText(/hub_config.py is older/)).toBeTruthy();
    expect(screen.getByText(/Give the hub the new one/)).toBeTruthy();
  });

  it('test_prepull_when_there_was_nothing_to_fetch_or_it_was_cancelled_then_that_is_said', async () => {
    for (const [change, said] of [
      [
        { state: 'succeeded', receipt: { title: 'There is nothing to fetch', items: [] } },
        /nothing/
      ],
      [{ state: 'cancelled' }, /nodes that had begun go on/],
      [
        { state: 'failed', problem: { title: '', detail: 'No node.', hint: 'Start one.' } },
        /No node/
      ]
    ] as const) {
      const fake = new FakeServer();
      const job = { ...FETCHING, ended: '2026-11-29T09:01:00Z', ...change };
      fake.answers.set('GET jobs', { jobs: [job] });
      fake.answers.set('GET jobs/prepull-1', job);
      await show(<PrePullImage host={fake.host} digest={NEXT} />);
      expect(screen.getByText(said)).toBeTruthy();
      cleanup();
    }
  });
});

const TRIED = {
  id: 'try-00000001',
  list: 'pip',
  packages: ['lightkurve==2.5'],
  kernel: 'Try: lightkurve==2.5 (not lasting)',
  state: 'succeeded',
  created: '2026-11-29T09:00:00Z',
  job_id: 'try-job',
  problem: '',
  installed: [{ name: 'numpy', version: '2.1', instead_of: '1.26' }],
  warnings: ['broken cannot be imported: ImportError: libgsl.so.27: not found.'],
  size_bytes: 12_000_000
};

function Trying({ host }: { host: IHost }): JSX.Element {
  const root = React.useRef<HTMLDivElement>(null);
  const trying = useTrying(host, root);
  return (
    <div ref={root}>
      <button onClick={() => trying.start('pip', 'lightkurve==2.5')}>start</button>
      <TryOuts trying={trying} />
    </div>
  );
}

describe('packages that are tried', () => {
  afterEach(cleanup);

  it('test_try_when_begun_then_it_is_marked_as_not_lasting_and_can_be_removed', async () => {
    const fake = new FakeServer();
    fake.answers.set('GET images/tryouts', { tryouts: [], folder: '/tmp/x', conda_problem: '' });
    fake.answers.set('POST images/tryouts', JOB);
    await show(<Trying host={fake.host} />);
    expect(screen.queryByText(/not lasting/)).toBeNull();
    fake.answers.set('GET images/tryouts', { tryouts: [TRIED], folder: '/tmp/x' });
    await click('start');
    expect(fake.asked.find(({ method }) => method === 'POST')?.body).toEqual({
      list: 'pip',
      packages: ['lightkurve==2.5']
    });
    expect(screen.getByText('Tried in your server, not lasting')).toBeTruthy();
    expect(screen.getByText(/numpy 2.1 instead of 1.26/)).toBeTruthy();
    expect(screen.getByText(/broken cannot be imported/)).toBeTruthy();
    await click('Remove');
    const removed = fake.asked.find(({ method }) => method === 'DELETE');
    expect(removed?.path).toBe('images/tryouts/try-00000001');
  });
});
