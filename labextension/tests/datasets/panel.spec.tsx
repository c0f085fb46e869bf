import { act, cleanup, fireEvent, render, screen, within } from '@testing-library/react';
import * as React from 'react';

import { Problem } from '../../src/api/problem';
import { DatasetsView, UploadView } from '../../src/datasets/views';
import { makeHost } from '../host';
import { FakeQueue } from './fake-queue';
import { FakeSchool, TA } from './fake-school';
import { dataset, GB, job, NO_RECEIPTS, probe, receiptRow, version } from './samples';

// jsdom draws nothing, so nothing could ever be on the screen; it has no modal dialogs either.
Object.defineProperty(globalThis, 'IntersectionObserver', { value: undefined });
HTMLDialogElement.prototype.showModal = function (): void {
  this.setAttribute('open', '');
};
HTMLDialogElement.prototype.close = function (): void {
  this.removeAttribute('open');
};

const LINK = 'https://drive.google.com/drive/folders/abc';

async function show(school: FakeSchool, View = DatasetsView, queue = new FakeQueue()) {
  const host = makeHost(school.api, TA);
  await act(async () => {
    render(<View host={host} queue={queue} />);
  });
  await settle();
  return { host, queue };
}

/** Let answers arrive. */
async function settle(): Promise<void> {
  await act(async () => {
    await new Promise(done => setTimeout(done, 20));
  });
}

async function click(name: string | RegExp, inside?: HTMLElement): Promise<void> {
  await act(async () => {
    fireEvent.click((inside ? within(inside) : screen).getByRole('button', { name }));
  });
  await settle();
}

async function lookAt(link: string): Promise<void> {
  const box = screen.getByLabelText('Link to the data');
  fireEvent.change(box, { target: { value: link } });
  await act(async () => {
    fireEvent.submit(box.closest('form')!);
  });
  await settle();
}

afterEach(cleanup);

describe('a link', () => {
  it('is looked at before anything is fetched, planned, and then started', async () => {
    const school = new FakeSchool();
    const { host } = await show(school);
    await lookAt(`  ${LINK} `);
    expect(screen.getByText('3 GB in 3 files')).toBeTruthy();
    expect(screen.getByText('500 GB now, about 497 GB after')).toBeTruthy();
    expect(school.bodyOf('datasets/probes')).toEqual({ link: LINK, name: '' });
    expect(school.requests('POST')).toEqual(['POST datasets/probes']);

    fireEvent.change(screen.getByRole('textbox', { name: 'Name' }), {
      target: { value: 'stars' }
    });
    await click('Publish stars');
    const dialog = screen.getByRole('dialog');
    await click('Publish stars', dialog);
    expect(school.requests('POST').slice(1)).toEqual([
      'POST datasets/plans',
      'POST datasets/applications'
    ]);
    const { change, plan_id } = school.bodyOf('datasets/applications') as {
      change: object;
      plan_id: string;
    };
    expect(change).toMatchObject({ action: 'publish', link: LINK, name: 'stars', extract: false });
    expect(host.traits.get('plan_id')).toBe(plan_id);
    expect(host.traits.get('job_id')).toBe('job-1');
    await click('Close', screen.getByRole('dialog').querySelector('footer')!);
    expect((screen.getByLabelText('Link to the data') as HTMLInputElement).value).toBe('');
    expect(screen.getByRole('article', { name: 'Publish stars' })).toBeTruthy();
  });

  it('is published as students get that dataset today, unless told otherwise', async () => {
    const school = new FakeSchool();
    school.datasets = [dataset('stars', { delivery: 'copy' })];
    school.probe = () => probe({ suggested_name: 'stars' });
    await show(school);
    await lookAt(LINK);
    await click('Publish stars');
    expect(school.bodyOf('datasets/plans')).toMatchObject({ change: { delivery: 'copy' } });
    await click('Do nothing');
    fireEvent.change(screen.getByLabelText('Students get'), { target: { value: 'link' } });
    await click('Publish stars');
    expect(school.bodyOf('datasets/plans')).toMatchObject({ change: { delivery: 'link' } });
  });

  it('is looked at by itself after a short rest', async () => {
    const school = new FakeSchool();
    await show(school);
    jest.useFakeTimers();
    const box = screen.getByLabelText('Link to the data');
    fireEvent.change(box, { target: { value: 'drive' } });
    fireEvent.change(box, { target: { value: LINK } });
    expect(school.requests('POST')).toEqual([]);
    await act(async () => {
      await jest.advanceTimersByTimeAsync(700);
    });
    jest.useRealTimers();
    expect(school.requests('POST')).toEqual(['POST datasets/probes']);
  });

  it('says what is not verified, and takes a checksum from elsewhere', async () => {
    const school = new FakeSchool();
    school.probe = () =>
      probe({
        is_folder: false,
        files: 1,
        files_with_checksum: 0,
        archive: 'zip',
        archives: 1,
        suggested_name: 'x'
      });
    await show(school);
    await lookAt(LINK);
    expect(screen.getByText(/no checksum: unverified against source/)).toBeTruthy();
    expect((screen.getByLabelText('Unpack the zip archive') as HTMLInputElement).checked).toBe(
      true
    );
    await click('More options');
    const checksum = screen.getByLabelText('Expected checksum');
    fireEvent.change(checksum, { target: { value: 'nonsense' } });
    const publish = screen.getByRole('button', { name: 'Publish x' });
    expect(publish.getAttribute('aria-disabled')).toBe('true');
    fireEvent.change(checksum, { target: { value: 'ab'.repeat(32) } });
    fireEvent.change(screen.getByLabelText('At most, in MB per second'), {
      target: { value: '2,5' }
    });
    await click('Publish x');
    expect(school.bodyOf('datasets/plans')).toMatchObject({
      change: { extract: true, checksum: 'ab'.repeat(32), limit_bytes_per_s: 2.5e6 }
    });
  });

  it('to a folder of archives leaves them as they are, unless told otherwise', async () => {
    const school = new FakeSchool();
    school.probe = () =>
      probe({ files: 3001, archive: 'gz', archives: 3000, suggested_name: 'night' });
    await show(school);
    await lookAt(LINK);
    expect(screen.getByText('3 GB in 3,001 files (3,000 of them packed)')).toBeTruthy();
    const box = screen.getByLabelText(
      'Unpack 3,000 of the 3,001 files, each where it lies'
    ) as HTMLInputElement;
    expect(box.checked).toBe(false);
    await click('Publish night');
    expect(school.bodyOf('datasets/plans')).toMatchObject({ change: { extract: false } });
    await click('Do nothing');
    fireEvent.click(box);
    await click('Publish night');
    expect(school.bodyOf('datasets/plans')).toMatchObject({ change: { extract: true } });
  });

  it('shows why there is no data and what to do, and can be asked again', async () => {
    const school = new FakeSchool();
    school.probe = () => ({
      status: 422,
      title: 'The source gave no data',
      detail: 'The folder is not shared.',
      hint: 'Share it with anyone who has the link.'
    });
    await show(school);
    await lookAt(LINK);
    expect(screen.getByText('Share it with anyone who has the link.')).toBeTruthy();
    school.probe = () => probe();
    await click('Try again');
    expect(screen.getByText('3 GB in 3 files')).toBeTruthy();
  });

  it('is forgotten when another is typed while the first is asked', async () => {
    const school = new FakeSchool();
    let answer: (value: ReturnType<typeof probe>) => void = () => undefined;
    school.probe = () => new Promise(done => (answer = done));
    await show(school);
    await lookAt(LINK);
    expect(screen.getByText(/Asking drive.google.com/)).toBeTruthy();
    const first = answer;
    school.probe = () => probe({ title: 'the second' });
    await lookAt('https://example.org/b');
    await act(async () => first(probe({ title: 'the first' })));
    expect(screen.getByText('the second')).toBeTruthy();
    expect(screen.queryByText('the first')).toBeNull();
  });
});

describe('files', () => {
  it('are sent by the queue and can be prepared meanwhile', async () => {
    const school = new FakeSchool();
    school.probe = () =>
      probe({
        title: 'night.zip',
        suggested_name: 'night',
        is_folder: false,
        files: 1,
        archive: 'zip',
        archives: 1
      });
    const { queue } = await show(school);
    const file = new File(['x'], 'night.zip');
    await act(async () => {
      fireEvent.change(screen.getByLabelText('Files to publish'), { target: { files: [file] } });
    });
    const card = screen.getByRole('article', { name: 'Upload of night.zip' });
    fireEvent.change(within(card).getByRole('textbox', { name: 'Name' }), {
      target: { value: 'night-12' }
    });
    expect(within(card).getByText(/Can be published when it has arrived: 0 % so far/)).toBeTruthy();
    await click('Pause', card);
    expect(queue.calls).toContain('pause drop-0');

    await act(async () => queue.complete('drop-0'));
    await settle();
    expect(school.bodyOf('datasets/probes')).toEqual({ link: 'upload:drop-0', name: '' });
    await click('Publish night-12', card);
    expect(school.bodyOf('datasets/plans')).toMatchObject({
      change: { link: 'upload:drop-0', name: 'night-12', extract: true }
    });
    await click('Publish night-12', screen.getByRole('dialog'));
    expect(queue.drops).toEqual([]);
  });

  it('that arrived stay in the list when the look at them fails or is given up', async () => {
    const school = new FakeSchool();
    school.probe = () => ({ status: 503, title: 'The shared disk does not answer' });
    const { queue } = await show(school);
    await act(async () => void queue.addFiles([new File(['x'], 'night.zip')]));
    const card = screen.getByRole('article', { name: 'Upload of night.zip' });
    fireEvent.change(within(card).getByRole('textbox', { name: 'Name' }), {
      target: { value: 'night-12' }
    });
    await act(async () => queue.complete('drop-0'));
    await settle();
    expect(within(card).getByText(/The shared disk does not answer/)).toBeTruthy();
    await click('Dismiss', card);
    expect(within(card).queryByText(/The shared disk does not answer/)).toBeNull();

    school.probe = () => new Promise(() => undefined);
    await click('Look at it', card);
    await click('Stop asking', card);
    expect(queue.drops).toHaveLength(1);

    school.probe = () => probe({ suggested_name: 'night' });
    await click('Look at it', card);
    expect(within(card).getByRole('button', { name: 'Publish night-12' })).toBeTruthy();
    expect(within(card).queryByRole('button', { name: 'Look at it' })).toBeNull();
  });

  it('that cannot be taken off the server are listed again, with the reason', async () => {
    const { queue } = await show(new FakeSchool());
    await act(async () => void queue.addFiles([new File(['x'], 'night.zip')]));
    queue.refusal = new Problem({
      status: 409,
      title: 'Changed by somebody else',
      detail: 'night.zip is being published.',
      hint: 'Cancel that job first.'
    });
    await click('Cancel', screen.getByRole('article', { name: 'Upload of night.zip' }));
    expect(queue.calls.slice(-2)).toEqual(['cancel drop-0', 'refresh']);
    expect(screen.getByText(/night.zip is being published/)).toBeTruthy();
    await click('Dismiss');
    expect(screen.queryByText(/night.zip is being published/)).toBeNull();
  });

  it('are asked for again when a job begins or ends, and at no other time', async () => {
    const school = new FakeSchool();
    school.jobs = [job('one'), job('two')];
    const { queue } = await show(school);
    const asked = (): number => queue.calls.filter(call => call === 'refresh').length;
    const before = asked();
    const second = screen.getByRole('article', { name: 'Publish two' });
    await click('Pause', second);
    expect(asked()).toBe(before);
    const [, two] = school.jobs;
    school.jobs = [job('one', { state: 'succeeded', ended: '2026-11-23T09:00:00Z' }), two];
    await click('Resume', second);
    expect(asked()).toBe(before + 1);
    school.jobs = [job('three'), ...school.jobs];
    await click('Pause', second);
    expect(asked()).toBe(before + 2);
  });

  it('are taken from a drop anywhere in the panel', async () => {
    const { queue } = await show(new FakeSchool());
    const zone = screen.getByRole('region', { name: 'Bring data in' });
    const drop = new Event('drop', { bubbles: true, cancelable: true });
    const dataTransfer = { types: ['Files'], files: [new File(['x'], 'a.csv')] };
    await act(async () => {
      zone.dispatchEvent(Object.assign(drop, { dataTransfer }));
    });
    expect(drop.defaultPrevented).toBe(true);
    expect(queue.drops.map(({ title }) => title)).toEqual(['a.csv']);
  });

  it('left by an earlier page can be gone on with, published or discarded', async () => {
    const queue = new FakeQueue();
    const left = {
      id: 'u1',
      name: 'big.zip',
      relativePath: '',
      batch: '',
      size_bytes: 9 * GB,
      offset_bytes: 4 * GB,
      created: '2026-11-23T08:00:00Z',
      created_by: 'tom',
      isComplete: false,
      link: ''
    };
    queue.unfinished = [
      left,
      { ...left, id: 'u2', name: 'whole.zip', isComplete: true, link: 'upload:u2' }
    ];
    const school = new FakeSchool();
    await show(school, DatasetsView, queue);
    const first = screen.getByRole('article', { name: 'Earlier upload of big.zip' });
    expect(within(first).getByText(/Choose the file again to go on/)).toBeTruthy();
    const second = screen.getByRole('article', { name: 'Earlier upload of whole.zip' });
    await click('Look at it', second);
    expect(school.bodyOf('datasets/probes')).toEqual({ link: 'upload:u2', name: '' });
    let end = (): void => undefined;
    queue.discarding = new Promise(done => (end = done));
    await click('Discard the upload', first); // what took an hour to send is asked about once more
    await click('Keep it', first);
    await click('Discard the upload', first);
    expect(queue.calls).not.toContain('discard u1');
    await click('Discard 4 GB', first);
    expect(queue.calls).toContain('discard u1');
    const busy = within(first).getByRole('button', { name: 'Discarding' }); // of many files it lasts
    expect(busy.getAttribute('aria-disabled')).toBe('true');
    await act(async () => end());
    await settle();
    expect(screen.queryByRole('article', { name: 'Earlier upload of big.zip' })).toBeNull();
  });

  it('of an empty folder are none, and that is said', async () => {
    const { queue } = await show(new FakeSchool());
    queue.addDropped = () => Promise.resolve(null);
    const drop = new Event('drop', { bubbles: true, cancelable: true });
    await act(async () => {
      const dataTransfer = { types: ['Files'], files: [] };
      const zone = screen.getByRole('region', { name: 'Bring data in' });
      zone.dispatchEvent(Object.assign(drop, { dataTransfer }));
    });
    expect(screen.getByText(/There is no file in it/)).toBeTruthy();
  });
});

describe('jobs', () => {
  it('are paused, and a paused one says why and goes on', async () => {
    const school = new FakeSchool();
    school.jobs = [
      job('one'),
      job('two', {
        state: 'pending',
        is_paused: true,
        problem: { title: 'Quota', detail: '', hint: 'Wait some hours.' }
      })
    ];
    await show(school);
    expect(screen.getByText('1 GB of 4 GB · 80 MB/s · about 38 s left')).toBeTruthy();
    expect(screen.getByText('Wait some hours.')).toBeTruthy();
    await click('Pause', screen.getByRole('article', { name: 'Publish one' }));
    await click('Resume', screen.getByRole('article', { name: 'Publish two' }));
    expect(school.requests('POST')).toEqual(['POST jobs/one/pauses', 'POST jobs/two/resumptions']);
    expect(screen.getByRole('button', { name: 'Resume' })).toBeTruthy();
    expect(screen.getByRole('button', { name: 'Pause' })).toBeTruthy();
  });

  it('that are paused and cancelled say so until they have ended', async () => {
    const school = new FakeSchool();
    school.jobs = [job('one', { state: 'pending', is_paused: true })];
    await show(school);
    const row = screen.getByRole('article', { name: 'Publish one' });
    await click('Cancel', row);
    expect(within(row).getByText('cancelling')).toBeTruthy();
    const cancel = within(row).getByRole('button', { name: 'Cancel' });
    expect(cancel.getAttribute('aria-disabled')).toBe('true');
  });

  it('in a notebook are those of the one who looks, ended ones too', async () => {
    const school = new FakeSchool();
    school.jobs = [
      job('hers', { created_by: 'maria' }),
      job('mine', {
        state: 'succeeded',
        ended: '2020-01-01T00:00:00Z',
        receipt: { title: 'Published catalogue v1: 3 files' }
      })
    ];
    await show(school, UploadView);
    expect(screen.queryByRole('article', { name: 'Publish hers' })).toBeNull();
    expect(screen.getByText('Published catalogue v1: 3 files')).toBeTruthy();
    expect(screen.queryByRole('grid')).toBeNull();
  });
});

describe('the shelf', () => {
  function filled(): FakeSchool {
    const school = new FakeSchool();
    school.datasets = [
      dataset('catalogue', {
        versions: [
          version(2, { is_current: true }),
          version(1),
          version(3, { deleted: '2026-11-23T07:00:00Z' })
        ],
        receipts: { ...NO_RECEIPTS, current: 2, behind: 1 }
      }),
      dataset('<img src=x>', { is_managed: false, versions: [], current: '' })
    ];
    school.receipts.catalogue = {
      name: 'catalogue',
      current: 'v2',
      counts: { ...NO_RECEIPTS, current: 2, behind: 1 },
      unreadable: 0,
      rows: [receiptRow('jane'), receiptRow('liam', { state: 'behind', version: 'v1' })]
    };
    return school;
  }

  async function open(name: string): Promise<HTMLElement> {
    await act(async () => {
      fireEvent.click(within(screen.getByRole('grid', { name: 'Datasets' })).getByText(name));
    });
    return screen.getByRole('complementary', { name: `Details of ${name}` });
  }

  it('says who has it in words, and what is a plain folder', async () => {
    await show(filled());
    expect(screen.getByText('1 behind, 2 current')).toBeTruthy();
    expect(screen.getByText('plain folder')).toBeTruthy();
    const details = await open('<img src=x>');
    expect(details.textContent).toContain('not published here');
    expect(details.textContent).toContain('under the same name: what is there now becomes v1');
    expect(document.querySelector('img')).toBeNull();
  });

  it('restores an earlier version by a plan', async () => {
    const school = filled();
    await show(school);
    const details = await open('catalogue');
    expect(
      within(details).getByRole('button', { name: 'Delete v2' }).getAttribute('aria-disabled')
    ).toBe('true');
    await click('Restore v1', details);
    expect(school.bodyOf('datasets/plans')).toEqual({
      change: { action: 'restore', name: 'catalogue', version: 'v1' }
    });
    expect(screen.getByRole('dialog')).toBeTruthy();
  });

  it('verifies and takes out of the trash at once', async () => {
    const school = filled();
    const { host } = await show(school);
    const details = await open('catalogue');
    await click('Verify v1', details);
    expect(school.bodyOf('datasets/catalogue/verifications')).toEqual({ version: 'v1' });
    expect(host.traits.get('job_id')).toBe('job-1');
    await click('Undelete v3', details);
    expect(school.bodyOf('datasets/catalogue/undeletions')).toEqual({ version: 'v3' });
    expect(screen.getByText('catalogue is back.')).toBeTruthy();
  });

  it('tells who has which version', async () => {
    await show(filled());
    const details = await open('catalogue');
    await act(async () => {
      fireEvent.click(within(details).getByRole('tab', { name: /Who has which/ }));
    });
    await settle();
    const grid = within(details).getByRole('grid');
    expect(within(grid).getByText('liam')).toBeTruthy();
    await click(/1 behind/, details);
    expect(within(grid).queryByText('jane')).toBeNull();
  });

  it('offers its actions as commands for the selected datasets', async () => {
    const school = filled();
    const { host } = await show(school);
    expect(host.actions.get('datasets-delete')?.isEnabled).toBe(false);
    act(() => host.traits.set('selection', ['catalogue']));
    expect(host.actions.get('datasets-restore')?.label).toBe('Restore v1 of catalogue');
    await act(async () => host.actions.get('datasets-delete')?.execute());
    await settle();
    expect(school.bodyOf('datasets/plans')).toEqual({
      change: { action: 'delete', name: 'catalogue', version: '', free_now: false }
    });
  });

  it('says what to do when nothing is there, and when the server is away', async () => {
    const school = new FakeSchool();
    await show(school);
    expect(screen.getByText(/Nothing is published yet/)).toBeTruthy();
    school.refusal = { status: 503, title: 'The shared disk does not answer', hint: 'Wait.' };
    await click('Refresh');
    expect(screen.getAllByText(/The shared disk does not answer/).length).toBeGreaterThan(0);
  });
});
