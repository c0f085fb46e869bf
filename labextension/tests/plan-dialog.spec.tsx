import { act, cleanup, fireEvent, render, screen } from '@testing-library/react';
import * as React from 'react';

import type { GrowthApi } from '../src/api/client';
import { Problem } from '../src/api/problem';
import type { IJob, IPlan } from '../src/api/types';
import { Button } from '../src/ui/button';
import { Dialog } from '../src/ui/dialog';
import { PlanDialog } from '../src/ui/plan-dialog';
import { runningJob } from './jobs';

// jsdom has the element, but not its methods. A browser focuses the first element: the cross.
HTMLDialogElement.prototype.showModal = function () {
  this.open = true;
  this.querySelector('button')?.focus();
};
HTMLDialogElement.prototype.close = function () {
  this.open = false;
};

const MOVE = { label: 'Move', look: 'primary' as const, onClick: () => undefined };

const PLAN: IPlan = {
  id: 'p1',
  title: 'Restart 43 servers in 5 waves, about 4 min',
  action: 'restart',
  warnings: ['9 kernels are busy.'],
  items: Array.from({ length: 43 }, (_, i) => ({ target: `u${i}`, action: 'restart', detail: '' })),
  confirm_number: 43
};

const JOB = runningJob({
  id: 'j1',
  kind: 'servers.application',
  area: 'servers',
  title: PLAN.title
});

const RECEIPT = {
  title: '43 servers: 42 restarted, 1 failed',
  items: [{ target: 'u1', action: 'restart', result: 'failed', detail: 'the hub answered 503' }],
  undo: { title: 'Stop them', method: 'POST', path: 'servers/undo', body: {} }
};

function show(options: {
  plan?: IPlan;
  apply?: () => Promise<{ job: IJob }>;
  jobs?: IJob[];
  cancel?: () => Promise<IJob>;
  replanProblem?: Problem;
}) {
  const jobs = [...(options.jobs ?? [JOB])];
  const undone: unknown[] = [];
  const closed: unknown[] = [];
  let replans = 0;
  const api = {
    getJob: async () => (jobs.length > 1 ? jobs.shift() : jobs[0]),
    cancelJob: options.cancel ?? (async () => JOB),
    undo: async (undo: unknown) => undone.push(undo)
  } as unknown as GrowthApi;
  render(
    <PlanDialog
      plan={options.plan ?? PLAN}
      applyLabel="Restart 43 servers"
      apply={options.apply ?? (async () => ({ job: JOB }))}
      api={api}
      replan={() => (replans += 1)}
      replanProblem={options.replanProblem}
      onClose={outcome => closed.push(outcome)}
    />
  );
  return { undone, closed, replans: () => replans };
}

const click = async (name: string | RegExp): Promise<void> => {
  await act(async () => {
    fireEvent.click(screen.getByRole('button', { name }));
  });
};

describe('PlanDialog', () => {
  afterEach(cleanup);

  it('test_apply_when_the_number_is_not_typed_then_nothing_starts', async () => {
    let started = 0;
    show({ apply: async () => ({ job: { ...JOB, id: `j${++started}` } }) });
    await click('Restart 43 servers');
    expect(started).toBe(0);
    fireEvent.change(screen.getByRole('textbox'), { target: { value: '34' } });
    await click('Restart 43 servers');
    expect(started).toBe(0);
    fireEvent.change(screen.getByRole('textbox'), { target: { value: ' 43 ' } });
    await click('Restart 43 servers');
    expect(started).toBe(1);
  });

  it('test_dialog_when_shown_then_the_title_is_the_sentence_and_warnings_come_first', () => {
    show({});
    expect(screen.getByRole('dialog', { name: PLAN.title })).toBeTruthy();
    const text = document.querySelector('.growth-Dialog-body')!.textContent!;
    expect(text.indexOf('9 kernels')).toBeLessThan(text.indexOf('43'));
  });

  it('test_apply_when_no_number_is_wanted_then_focus_is_on_doing_nothing', () => {
    show({ plan: { ...PLAN, confirm_number: null } });
    expect(document.activeElement?.textContent).toBe('Do nothing');
  });

  it('test_apply_when_a_number_is_wanted_then_focus_is_where_it_is_typed', () => {
    show({});
    expect(document.activeElement).toBe(screen.getByRole('textbox'));
  });

  it('test_dialog_when_nothing_is_marked_then_focus_is_on_the_first_field', () => {
    render(
      <Dialog title="Move" onClose={() => undefined} footer={<Button {...MOVE} />}>
        <input aria-label="to" />
      </Dialog>
    );
    expect(document.activeElement).toBe(screen.getByLabelText('to'));
  });

  it('test_dialog_when_there_is_no_field_then_focus_is_on_the_primary_button', () => {
    const footer = (
      <>
        <Button label="Leave" onClick={() => undefined} />
        <Button {...MOVE} />
      </>
    );
    render(
      <Dialog title="Move" onClose={() => undefined} footer={footer}>
        Nothing to type.
      </Dialog>
    );
    expect(document.activeElement?.textContent).toBe('Move');
  });

  it('test_apply_when_the_plan_is_stale_then_offers_to_plan_again', async () => {
    const stale = new Problem({ status: 409, title: 'Stale', detail: '2 stopped', hint: '' });
    const { replans } = show({
      plan: { ...PLAN, confirm_number: null },
      apply: () => Promise.reject(stale)
    });
    await click('Restart 43 servers');
    expect(screen.getByRole('alert').textContent).toContain('2 stopped');
    await click('Plan again');
    expect(replans()).toBe(1);
    // the new plan may be the same one: what was refused for a moment can be tried again
    expect(screen.queryByRole('alert')).toBeNull();
    await click('Restart 43 servers');
    expect(screen.getByRole('alert').textContent).toContain('2 stopped');
  });

  it('test_plan_when_it_cannot_be_made_again_then_the_dialog_says_why', () => {
    const away = new Problem({ status: 503, title: 'Away', detail: 'No answer.', hint: '' });
    show({ replanProblem: away });
    expect(screen.getByRole('alert').textContent).toContain('No answer.');
  });

  it('test_cancel_when_the_request_fails_then_it_is_said_why_and_can_be_asked_again', async () => {
    const away = new Problem({
      status: 503,
      title: 'The hub does not answer',
      detail: 'No answer within 10 s.',
      hint: 'Try again in a minute.'
    });
    let asked = 0;
    show({
      plan: { ...PLAN, confirm_number: null },
      cancel: () => (++asked === 1 ? Promise.reject(away) : Promise.resolve(JOB))
    });
    await click('Restart 43 servers');
    await click('Cancel the job');
    expect(screen.getByRole('alert').textContent).toContain('Try again in a minute.');
    await click('Cancel the job');
    expect(asked).toBe(2);
    expect(screen.queryByRole('alert')).toBeNull();
    expect(screen.getByText('Cancelling; what is done stays done')).toBeTruthy();
    expect(screen.queryByRole('button', { name: 'Cancel the job' })).toBeNull();
  });

  it('test_apply_when_the_job_ends_then_the_receipt_shows_and_undo_asks_twice', async () => {
    const ended: IJob = { ...JOB, state: 'succeeded', receipt: RECEIPT };
    const { undone, closed } = show({ plan: { ...PLAN, confirm_number: null }, jobs: [ended] });
    await click('Restart 43 servers');
    expect(await screen.findByRole('dialog', { name: RECEIPT.title })).toBeTruthy();
    expect(screen.getByText('the hub answered 503')).toBeTruthy();
    await click('Undo');
    expect(undone).toEqual([]);
    await click('Stop them');
    expect(undone).toEqual([RECEIPT.undo]);
    fireEvent.click(screen.getAllByRole('button', { name: 'Close' })[0]);
    expect(closed).toHaveLength(1);
  });
});
