import { type ITrackInput, missingSteps, spellSteps, trackOf } from '../../src/startup/track';
import { evidence, publication, revision } from './samples';

const SOUND = { isCurrent: true, hasFailed: false, errorCount: 0, warningCount: 0 };

function input(over: Partial<ITrackInput> = {}): ITrackInput {
  return {
    isDirty: false,
    revision: revision(2),
    isLive: false,
    evidence: [],
    publications: [publication(1)],
    lint: SOUND,
    running: {},
    ...over
  };
}

const states = (over: Partial<ITrackInput>): string[] =>
  trackOf(input(over)).steps.map(step => step.state);

describe('trackOf', () => {
  it('wants a save first while something is unsaved', () => {
    const track = trackOf(input({ isDirty: true, evidence: [evidence('rehearsal', true)] }));
    expect(track.next).toBe('save');
    expect(track.steps.map(step => step.state)).toEqual(['done', 'next', 'next', 'next']);
  });

  it('goes from rehearsal to canary to live as each passes', () => {
    expect(trackOf(input()).next).toBe('rehearsal');
    expect(states({})).toEqual(['done', 'current', 'next', 'next']);
    const rehearsed = { evidence: [evidence('rehearsal', true)] };
    expect(trackOf(input(rehearsed)).next).toBe('canary');
    const tried = { evidence: [evidence('rehearsal', true), evidence('canary', true)] };
    expect(trackOf(input(tried)).next).toBe('live');
    expect(states(tried)).toEqual(['done', 'done', 'done', 'current']);
  });

  it('highlights making it live only after a passed canary', () => {
    expect(trackOf(input({ evidence: [evidence('canary', false)] })).next).not.toBe('live');
    expect(trackOf(input({ evidence: [evidence('rehearsal', true)] })).next).not.toBe('live');
  });

  it('offers nothing as next after a failure, and believes the newest trial', () => {
    const failed = evidence('rehearsal', false, '2026-11-20T10:00:00Z');
    const passed = evidence('rehearsal', true, '2026-11-20T11:00:00Z');
    expect(trackOf(input({ evidence: [failed] })).next).toBeNull();
    expect(states({ evidence: [failed] })[1]).toBe('failed');
    expect(states({ evidence: [passed, failed] })[1]).toBe('done');
    expect(states({ evidence: [failed, passed] })[1]).toBe('done');
  });

  it('shows what runs, and waits for it', () => {
    const track = trackOf(input({ running: { rehearsal: 'running the script twice' } }));
    expect(track.next).toBeNull();
    expect(track.steps[1]).toMatchObject({ state: 'current', note: 'running the script twice' });
  });

  it('keeps a skipped step visible with its reason', () => {
    const skipped = publication(2, { skipped_steps: ['rehearsal', 'canary'], skip_reason: 'exam' });
    const track = trackOf(input({ isLive: true, publications: [skipped] }));
    expect(track.steps.map(step => step.state)).toEqual(['done', 'skipped', 'skipped', 'done']);
    expect(track.steps[2].note).toBe('skipped: exam');
    expect(track.next).toBeNull();
  });

  it('lets a restored text that was live before go live at once', () => {
    const again = input({ revision: revision(3, { sha256: 'sha-1', restored_from: 1 }) });
    expect(trackOf(again).next).toBe('live');
    expect(missingSteps(again)).toEqual([]);
  });

  it('says what the lint says: checking, errors, errors saved on purpose, no answer', () => {
    expect(states({ lint: { ...SOUND, isCurrent: false } })[0]).toBe('current');
    expect(states({ lint: { ...SOUND, errorCount: 2 } })[0]).toBe('failed');
    expect(states({ lint: { ...SOUND, hasFailed: true } })[0]).toBe('next');
    const [lint] = trackOf(
      input({
        lint: { ...SOUND, errorCount: 2 },
        revision: revision(2, { override_reason: 'I must' })
      })
    ).steps;
    expect(lint).toMatchObject({ state: 'skipped', note: '2 errors, saved because: I must' });
  });

  it('has nothing to offer before the first revision', () => {
    expect(trackOf(input({ revision: null })).next).toBeNull();
  });
});

describe('missingSteps', () => {
  it('counts as the server does', () => {
    expect(missingSteps(input())).toEqual(['rehearsal', 'canary']);
    expect(missingSteps(input({ revision: revision(2, { lint_errors: 1 }) }))).toEqual([
      'lint',
      'rehearsal',
      'canary'
    ]);
    expect(
      missingSteps(input({ evidence: [evidence('rehearsal', true), evidence('canary', false)] }))
    ).toEqual(['canary']);
  });

  it('is spelled as a list', () => {
    expect(spellSteps(['lint', 'rehearsal', 'canary'])).toBe(
      'the lint, the rehearsal and the canary'
    );
    expect(spellSteps(['canary'])).toBe('the canary');
  });
});
