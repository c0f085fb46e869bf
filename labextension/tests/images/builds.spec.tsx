import { act, cleanup, fireEvent, render, screen, within } from '@testing-library/react';
import * as React from 'react';

import { ImagesPanel } from '../../src/images/panel';
import { makeHost } from '../host';
import { build, FAILED_STEP, failedBuild, revision, runningBuild } from './fake-builds';
import { ADA, FakeRegistry } from './fake-registry';
import { digestOf, image, tag } from './samples';

// A story of several clicks takes its time where other tests run beside it.
jest.setTimeout(30_000);

// jsdom draws nothing and opens no dialog.
Object.defineProperty(globalThis, 'IntersectionObserver', { value: undefined });
HTMLDialogElement.prototype.showModal = function () {
  this.open = true;
};
HTMLDialogElement.prototype.close = function () {
  this.open = false;
};

const settle = (wait_ms = 50) => act(() => new Promise<void>(done => setTimeout(done, wait_ms)));

async function show(fake: FakeRegistry, tab = 'Builds') {
  const host = makeHost(fake.api, ADA);
  await act(async () => {
    render(<ImagesPanel host={host} />);
  });
  await settle();
  await press(screen.getByRole('tab', { name: tab }));
  await settle();
  return host;
}

const press = (button: HTMLElement) =>
  act(async () => {
    fireEvent.click(button);
    await new Promise<void>(done => setTimeout(done, 20));
  });
const click = (name: string | RegExp) => press(screen.getByRole('button', { name }));
const dialog = () => within(screen.getByRole('dialog'));
const write = (label: string | RegExp, text: string) =>
  act(async () => {
    fireEvent.change(screen.getByLabelText(label), { target: { value: text } });
  });
const openRow = async (grid: string, text: string) => {
  await press(within(screen.getByRole('grid', { name: grid })).getByText(text));
  await settle();
};

describe('builds', () => {
  afterEach(cleanup);

  it('test_build_when_begun_with_a_reason_then_the_plan_is_told_and_its_log_is_followed', async () => {
    const fake = new FakeRegistry();
    fake.source.logs.set('job-3', '\u001b[32mSTEP 1/9: FROM base\u001b[0m\n10 %\r90 %\nSTEP 2/9');
    const { traits } = await show(fake);
    await click('Build the image');
    expect(dialog().getByText('Build r3 of the image as r3-b3')).not.toBeNull();
    expect(dialog().getByText('buildah version 1.42.1')).not.toBeNull();
    expect(dialog().getByText(/lightkurve ==2.5 \(ada-okafor: for Friday\)/)).not.toBeNull();
    const begin = dialog().getByRole('button', { name: 'Build r3-b3' });
    expect(begin.getAttribute('aria-disabled')).toBe('true');
    await write('Why it is built', ' for Friday ');
    await press(begin);
    expect(fake.bodiesOf('images/builds')).toEqual([
      { reason: 'for Friday', expected_revision: 3 }
    ]);
    expect(traits.get('job_id')).toBe('job-3');
    await settle(100);
    expect(screen.queryByRole('dialog')).toBeNull();
    const log = screen.getByRole('log', { name: 'Log of r3-b3' });
    expect(log.textContent).toBe('STEP 1/9: FROM base\n90 %\nSTEP 2/9');
    const track = screen.getByRole('list', { name: 'Steps of the build' });
    expect(track.querySelector('[aria-current]')?.textContent).toContain('step 4 of 9');
    expect(screen.getByRole('button', { name: 'Build the image' }).title).toMatch(
      /ada builds r3-b3/
    );
  });

  it('test_build_when_it_runs_then_it_can_be_cancelled_and_says_so', async () => {
    const fake = new FakeRegistry();
    fake.source.builds = [runningBuild(3), ...fake.source.builds];
    await show(fake);
    await openRow('Builds', 'r3-b3');
    await click('Cancel r3-b3');
    expect(fake.asked.some(({ path }) => path === 'jobs/job-3/cancellations')).toBe(true);
    await settle();
    expect(screen.getAllByText('cancelling').length).toBeGreaterThan(0);
    expect(screen.queryByRole('button', { name: 'Cancel r3-b3' })).toBeNull();
  });

  it('test_build_when_failed_then_the_line_and_what_to_do_are_told_and_shown_in_the_log', async () => {
    const fake = new FakeRegistry();
    fake.source.builds = [failedBuild(3), ...fake.source.builds];
    fake.source.logs.set('job-3', `STEP 1/9: FROM base\n${FAILED_STEP}\nERROR: No ghost\n`);
    await show(fake);
    await openRow('Builds', 'r3-b3');
    expect(screen.getByRole('alert').textContent).toContain('No matching distribution for ghost');
    expect(screen.getByRole('alert').textContent).toContain('Mend the source');
    expect(screen.getByText('RUN pip install --requirement /tmp/pip.txt')).not.toBeNull();
    await click('Show it in the log');
    const log = screen.getByRole('log', { name: 'Log of r3-b3' });
    expect(log.querySelector('mark[data-current]')?.textContent).toBe(FAILED_STEP);
    expect(screen.getByText('1 of 1')).not.toBeNull();
    expect(screen.queryByRole('button', { name: /^Promote r3/ })).toBeNull();
  });

  it('test_build_when_done_then_size_packages_licences_and_checks_are_told_and_it_is_promoted', async () => {
    const fake = new FakeRegistry();
    await show(fake);
    await openRow('Builds', 'r2-b2');
    expect(screen.getByText(/1.4 GB, 120 MB more than build 1/)).not.toBeNull();
    expect(screen.getByText('412 packages, Python 3.13.1')).not.toBeNull();
    const changed = screen.getByRole('grid', { name: 'Changed packages' });
    expect(changed.textContent).toContain('gfortran');
    await press(screen.getByRole('tab', { name: /^Licences/ }));
    const licenses = screen.getByRole('grid', { name: 'Licences' });
    expect(licenses.textContent).toContain('not said');
    expect(licenses.textContent).toContain('scipy, astropy');
    await press(screen.getByRole('tab', { name: /^Smoke checks/ }));
    const checks = screen.getByRole('grid', { name: 'Smoke checks' });
    expect(checks.textContent).toContain('import lightkurve');
    await click('Promote r2-b2');
    expect(fake.bodiesOf('images/plans')).toEqual([{ target: fake.source.builds[0].digest }]);
    expect(dialog().getByText(/^Let deploy name/)).not.toBeNull();
  });

  it('test_image_when_a_build_of_it_ends_then_it_stands_among_the_tags_without_waiting', async () => {
    const fake = new FakeRegistry();
    fake.source.builds = [runningBuild(3), ...fake.source.builds];
    await show(fake);
    const digest = digestOf('3d');
    fake.source.builds[0] = build(3, { state: 'succeeded', digest });
    fake.tags.push(tag('r3-b3', digest, { image: image(digest) }));
    await click('Refresh');
    await settle();
    await openRow('Builds', 'r3-b3');
    await click('Show it among the tags');
    expect(screen.getByRole('grid', { name: 'Images' }).textContent).toContain('r3-b3');
  });

  it('test_list_of_parts_when_asked_for_then_it_is_saved_as_a_file', async () => {
    const saved: string[] = [];
    URL.createObjectURL = () => 'blob:x';
    URL.revokeObjectURL = () => undefined;
    HTMLAnchorElement.prototype.click = function () {
      saved.push(this.download);
    };
    await show(new FakeRegistry());
    await openRow('Builds', 'r2-b2');
    await click('Download its list of parts');
    await settle();
    expect(saved).toEqual(['r2-b2.cdx.json']);
  });

  it('test_builder_when_there_is_none_then_why_and_what_to_do_stand_there', async () => {
    const fake = new FakeRegistry();
    Object.assign(fake.source, {
      builds: [],
      builder: '',
      problem: 'There is no buildah and no Podman on this server.',
      hint: 'Install buildah or podman.'
    });
    await show(fake);
    expect(screen.getByText(/no buildah and no Podman.*Install buildah/)).not.toBeNull();
    const begin = screen.getByRole('button', { name: 'Build the image' });
    expect(begin.getAttribute('aria-disabled')).toBe('true');
    expect(screen.getByText('No image was built here yet.')).not.toBeNull();
  });

  it('test_plan_when_refused_then_its_words_are_shown_and_nothing_begins', async () => {
    const fake = new FakeRegistry();
    fake.refusals.set('POST images/builds/plans', {
      status: 409,
      title: 'It has changed meanwhile',
      detail: 'bob is building already.'
    });
    await show(fake);
    await click('Build the image');
    expect(screen.getByRole('alert').textContent).toContain('bob is building already');
    expect(screen.queryByRole('dialog')).toBeNull();
  });

  it('test_revision_when_brought_back_then_the_difference_and_conflicts_come_first', async () => {
    const fake = new FakeRegistry();
    const { traits } = await show(fake, 'Packages');
    await press(screen.getByRole('tab', { name: /^Revisions/ }));
    await settle();
    await openRow('Revisions', 'r2');
    expect(
      screen.getByRole('region', { name: 'Change of packages/pip.txt' }).textContent
    ).toContain('+scipy');
    await click('Bring back r2');
    await settle();
    expect(fake.bodiesOf('images/packages/plans')).toEqual([{ texts: { pip: 'of r2\n' } }]);
    expect(dialog().getByText('Bring the lists back to r2')).not.toBeNull();
    expect(dialog().getAllByText(/cannot be installed together/).length).toBeGreaterThan(0);
    const apply = dialog().getByRole('button', { name: 'Bring back r2' });
    expect(apply.getAttribute('aria-disabled')).toBe('true');
    await write('Why it is brought back', 'notebook 3');
    await press(apply);
    expect(fake.bodiesOf('images/packages/restorations')).toEqual([
      { revision: 2, expected_revision: 3, reason: 'notebook 3' }
    ]);
    await press(dialog().getByRole('button', { name: 'Build the image' }));
    await settle();
    expect(dialog().getByText('Build r4 of the image as r4-b3')).not.toBeNull();
    expect(traits.get('plan_id')).toBe('build-r4-b3');
  });

  it('test_revision_when_it_is_the_newest_or_forced_then_that_is_told', async () => {
    const fake = new FakeRegistry();
    fake.source.revisions = [
      revision(9, { override_reason: 'the package comes out tonight' }),
      ...fake.source.revisions
    ];
    await show(fake, 'Packages');
    await press(screen.getByRole('tab', { name: /^Revisions/ }));
    await settle();
    expect(screen.getByText(/although a build would fail: the package comes out/)).not.toBeNull();
    await openRow('Revisions', 'r9');
    expect(screen.queryByRole('button', { name: 'Bring back r9' })).toBeNull();
  });

  it('test_revision_when_the_branch_was_set_back_then_a_newer_one_can_be_brought_back', async () => {
    const fake = new FakeRegistry();
    fake.source.setBackTo = 2;
    await show(fake, 'Packages');
    await press(screen.getByRole('tab', { name: /^Revisions/ }));
    await settle();
    await openRow('Revisions', 'r2');
    expect(screen.queryByRole('button', { name: 'Bring back r2' })).toBeNull();
    await openRow('Revisions', 'r3');
    expect(screen.getByRole('button', { name: 'Bring back r3' })).not.toBeNull();
  });
});
