import { Problem } from '../../src/api/problem';
import { StartupClient } from '../../src/startup/client';
import { DraftStore } from '../../src/startup/drafts';
import { ScriptModel } from '../../src/startup/script-model';
import { FakeServer, FakeStorage, finding } from './fake-server';
import { script } from './samples';

const LIVE = '#!/bin/bash\none\ntwo\nthree\n';

let server: FakeServer;
let storage: FakeStorage;
const models: ScriptModel[] = [];

function open(): ScriptModel {
  const model = new ScriptModel(
    new StartupClient(server.api),
    'as-user.sh',
    new DraftStore('ada', 'as-user.sh', storage)
  );
  models.push(model);
  return model;
}

async function opened(): Promise<ScriptModel> {
  const model = open();
  await model.load();
  return model;
}

async function saveWith(model: ScriptModel, text: string, reason = 'why'): Promise<void> {
  model.edit(text);
  model.setReason(reason);
  await model.save();
}

beforeEach(() => {
  server = new FakeServer();
  storage = new FakeStorage();
});
afterEach(() => models.splice(0).forEach(model => model.dispose()));

describe('ScriptModel', () => {
  it('shows the newest revision, unchanged', async () => {
    const model = await opened();
    expect(model.edited.text).toBe(LIVE);
    expect([model.isDirty, model.isLive, model.isBehind]).toEqual([false, true, false]);
  });

  it('says why it could not be read, and shows it once it can', async () => {
    server.refuse = new Problem({ status: 503, title: 'no disk', detail: '', hint: '' });
    const model = await opened();
    expect(model.problem?.title).toBe('no disk');
    expect(model.isLoaded).toBe(false);
    server.refuse = null;
    await model.load();
    expect(model.problem).toBeNull();
    expect(model.edited.text).toBe(LIVE);
  });

  it('saves what is typed as the next revision and forgets the draft', async () => {
    const model = await opened();
    await saveWith(model, `${LIVE}four\n`);
    expect(model.head?.revision.number).toBe(2);
    expect([model.isDirty, model.isLive]).toEqual([false, false]);
    expect(model.edited.reason).toBe('');
    expect(storage.length).toBe(0);
  });

  it('keeps what was typed while a save was under way', async () => {
    const model = await opened();
    model.edit('first\n');
    model.setReason('why');
    const saving = model.save();
    model.edit('first\nsecond\n');
    await saving;
    expect(model.head?.text).toBe('first\n');
    expect(model.edited.text).toBe('first\nsecond\n');
    expect(model.isDirty).toBe(true);
  });

  it('keeps what is typed when the save fails, and says why', async () => {
    const model = await opened();
    model.edit('mine\n');
    model.setReason('why');
    server.refuse = Problem.unreachable('network down');
    await model.save();
    expect(model.saveProblem?.isNetwork).toBe(true);
    expect(model.edited.text).toBe('mine\n');
    expect(model.edited.reason).toBe('why');
    expect(storage.length).toBe(1);
  });

  it('asks for a reason when the checks found errors, and saves with one', async () => {
    server.findings = [finding(), finding({ severity: 'warning' })];
    const model = await opened();
    await saveWith(model, 'bad\n');
    expect(model.blocking).toHaveLength(2);
    expect(server.revisions).toHaveLength(1);
    await model.save('the exam begins');
    expect(model.blocking).toBeNull();
    expect(server.revisions).toHaveLength(2);
  });

  it('adopts what others saved as long as nothing is typed', async () => {
    const model = await opened();
    server.saveAs('eve', 'theirs\n');
    await model.load();
    expect(model.edited.text).toBe('theirs\n');
    expect(model.isBehind).toBe(false);
  });

  it('reads again when a look at the list shows a change', async () => {
    const model = await opened();
    server.saveAs('eve', 'theirs\n');
    model.notice(script({ head_revision: 1 }));
    const before = server.requests.length;
    model.notice(script({ head_revision: 2 }));
    expect(server.requests.length).toBeGreaterThan(before);
  });
});

describe('a conflict', () => {
  async function conflicting(): Promise<ScriptModel> {
    const model = await opened();
    model.edit(LIVE.replace('one', 'MINE'));
    server.saveAs('eve', LIVE.replace('three', 'THEIRS'));
    model.setReason('why');
    await model.save();
    return model;
  }

  it('shows base, theirs and mine, and saves nothing', async () => {
    const model = await conflicting();
    expect(model.conflict).toMatchObject({ base: LIVE, head: { author: 'eve', number: 2 } });
    expect(model.conflict?.yours).toContain('MINE');
    expect(model.conflict?.theirs).toContain('THEIRS');
    expect(server.revisions).toHaveLength(2);
  });

  it('is seen before the save, when the script is read again', async () => {
    const model = await opened();
    model.edit('mine\n');
    server.saveAs('eve', 'theirs\n');
    await model.load();
    expect(model.isBehind).toBe(true);
    expect(model.edited.text).toBe('mine\n');
    model.showConflict();
    expect(model.conflict).toMatchObject({ base: LIVE, yours: 'mine\n', theirs: 'theirs\n' });
  });

  it('settled by a merge goes on with both, on top of theirs', async () => {
    const model = await conflicting();
    model.settle('merge');
    expect(model.edited.text).toBe('#!/bin/bash\nMINE\ntwo\nTHEIRS\n');
    expect([model.isBehind, model.isDirty, model.edited.older]).toEqual([false, true, null]);
    await model.save();
    expect(server.head.number).toBe(3);
    expect(storage.length).toBe(0);
  });

  it('settled for mine goes on with mine on top of theirs', async () => {
    const model = await conflicting();
    model.settle('mine');
    expect(model.edited.text).toContain('MINE');
    expect(model.edited.text).not.toContain('THEIRS');
    await model.save();
    expect(server.head.number).toBe(3);
  });

  it('settled for theirs keeps my text and offers it again', async () => {
    const model = await conflicting();
    model.settle('theirs');
    expect(model.edited.text).toContain('THEIRS');
    expect(model.isDirty).toBe(false);
    expect(model.edited.older?.text).toContain('MINE');
    model.showOlderDraft();
    model.settle('merge');
    expect(model.edited.text).toBe('#!/bin/bash\nMINE\ntwo\nTHEIRS\n');
    expect(model.edited.older).toBeNull();
  });

  it('can be decided later', async () => {
    const model = await conflicting();
    model.postponeConflict();
    expect(model.conflict).toBeNull();
    expect(model.edited.text).toContain('MINE');
  });
});

describe('unsaved text', () => {
  it('is back after the panel was closed, with its reason', async () => {
    const model = await opened();
    model.edit('mine\n');
    model.setReason('because');
    const again = await opened();
    expect(again.edited.text).toBe('mine\n');
    expect(again.edited.reason).toBe('because');
    expect(again.edited.restored).not.toBeNull();
    again.discard();
    expect(again.edited.text).toBe(LIVE);
    expect((await opened()).edited.restored).toBeNull();
  });

  it('is offered, not lost, when somebody saved meanwhile', async () => {
    (await opened()).edit(LIVE.replace('one', 'MINE'));
    server.saveAs('eve', 'theirs\n');
    const again = await opened();
    expect(again.edited.text).toBe('theirs\n');
    expect(again.edited.older).toMatchObject({ base_number: 1 });
    again.dropOlderDraft();
    expect(again.edited.older).toBeNull();
    expect(storage.length).toBe(0);
  });

  it('leaves no draft when it is typed back to what is saved', async () => {
    const model = await opened();
    model.edit('mine\n');
    model.edit(LIVE);
    expect(storage.length).toBe(0);
  });
});
