import { DraftStore, type IDraft } from '../../src/startup/drafts';
import { FakeStorage } from './fake-server';

function draft(base: string, edited = '2026-11-20T08:00:00Z'): IDraft {
  return {
    base_sha256: base,
    base_number: 1,
    base_text: 'a\n',
    text: 'b\n',
    reason: 'why',
    edited
  };
}

describe('DraftStore', () => {
  it('gives back a draft on the same base after the page was closed', () => {
    const storage = new FakeStorage();
    new DraftStore('ada', 'as-user.sh', storage).keep(draft('s1'));
    expect(new DraftStore('ada', 'as-user.sh', storage).get('s1')).toEqual(draft('s1'));
    expect(new DraftStore('ada', 'as-user.sh', storage).get('s2')).toBeNull();
  });

  it('tells users and scripts apart', () => {
    const storage = new FakeStorage();
    new DraftStore('ada', 'as-user.sh', storage).keep(draft('s1'));
    expect(new DraftStore('eve', 'as-user.sh', storage).list()).toEqual([]);
    expect(new DraftStore('ada', 'as-root.sh', storage).list()).toEqual([]);
  });

  it('lists the one edited last first, and forgets what was dropped', () => {
    const store = new DraftStore('ada', 'as-user.sh', new FakeStorage());
    store.keep(draft('old', '2026-11-19T08:00:00Z'));
    store.keep(draft('new', '2026-11-20T08:00:00Z'));
    expect(store.list().map(item => item.base_sha256)).toEqual(['new', 'old']);
    store.drop('new');
    expect(store.list().map(item => item.base_sha256)).toEqual(['old']);
  });

  it('keeps a draft in memory when the browser is full, and says so', () => {
    const storage = new FakeStorage();
    const store = new DraftStore('ada', 'as-user.sh', storage);
    storage.isFull = true;
    store.keep(draft('s1'));
    expect(store.get('s1')).toEqual(draft('s1'));
    expect(store.isLasting).toBe(false);
    storage.isFull = false;
    store.keep(draft('s1'));
    expect(store.isLasting).toBe(true);
  });

  it('passes over what is no draft', () => {
    const storage = new FakeStorage();
    storage.setItem('growth-admin:draft:ada:as-user.sh:x', '{"text": 1}');
    storage.setItem('growth-admin:draft:ada:as-user.sh:y', 'not json');
    const store = new DraftStore('ada', 'as-user.sh', storage);
    expect(store.get('x')).toBeNull();
    expect(store.list()).toEqual([]);
  });

  it('works where the browser forbids storage', () => {
    const store = new DraftStore('ada', 'as-user.sh', null);
    store.keep(draft('s1'));
    expect(store.list()).toHaveLength(1);
    expect(store.isLasting).toBe(false);
  });
});
