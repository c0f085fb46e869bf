import type { IJob } from '../../src/api/types';
import { StartupClient } from '../../src/startup/client';
import { subjectOf, TrialsModel } from '../../src/startup/trials';
import { FakeServer } from './fake-server';
import { runningJob } from '../jobs';

function job(id: string, over: Partial<IJob> = {}): IJob {
  return runningJob({
    id,
    kind: 'startup.rehearsal',
    area: 'startup',
    title: 'Rehearse r2 of as-user.sh',
    subject: 'startup/scripts/as-user.sh/revisions/2',
    created: '2026-11-23T08:41:02Z',
    progress: {
      done: 0,
      total: null,
      unit: '',
      message: 'first run',
      rate_per_s: null,
      eta_s: null
    },
    ...over
  });
}

describe('subjectOf', () => {
  it('reads script and revision from the subject of a job', () => {
    expect(subjectOf(job('a'))).toEqual({ trial: 'rehearsal', script: 'as-user.sh', revision: 2 });
    const canary = job('b', {
      kind: 'startup.canary',
      subject: 'startup/scripts/as-root.sh/revisions/31'
    });
    expect(subjectOf(canary)).toEqual({ trial: 'canary', script: 'as-root.sh', revision: 31 });
    expect(subjectOf(job('c', { kind: 'servers.restart' }))).toBeNull();
  });
});

describe('TrialsModel', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it('finds the newest jobs of its script and follows them to their end', async () => {
    const server = new FakeServer();
    const onEnded = jest.fn();
    const trials = new TrialsModel(new StartupClient(server.api), 'as-user.sh', onEnded);
    server.jobs = [
      job('new', { created: '2026-11-23T09:00:00Z' }),
      job('old'),
      job('other', {
        subject: 'startup/scripts/as-root.sh/revisions/9',
        created: '2026-11-23T10:00:00Z'
      })
    ];
    await trials.discover();
    expect(trials.jobs.rehearsal?.id).toBe('new');
    expect(trials.running(2)).toEqual({ rehearsal: 'first run' });
    expect(trials.running(3)).toEqual({});
    server.jobs[0] = { ...server.jobs[0], state: 'succeeded' };
    await jest.advanceTimersByTimeAsync(1500);
    expect(onEnded).toHaveBeenCalledTimes(1);
    expect(trials.running(2)).toEqual({});
    await jest.advanceTimersByTimeAsync(60_000);
    expect(onEnded).toHaveBeenCalledTimes(1);
    trials.dispose();
  });

  it('says why a trial could not be started', async () => {
    const server = new FakeServer();
    const trials = new TrialsModel(new StartupClient(server.api), 'as-user.sh', jest.fn());
    expect(await trials.start('canary', 2)).toBeNull();
    expect(trials.problem?.status).toBe(404);
    expect(trials.doing).toBe('Trying r2 of as-user.sh');
    trials.dispose();
  });
});
