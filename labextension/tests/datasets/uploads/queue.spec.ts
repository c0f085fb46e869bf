import { randomBytes, webcrypto } from 'crypto';

import { ServerConnection } from '@jupyterlab/services';

import { GrowthApi } from '../../../src/api/client';
import { type IChosenFile, type IUploadDrop, UploadQueue } from '../../../src/datasets/uploads';
import { batchOf, batchTotal } from '../../../src/datasets/uploads/batch';
import { chosenFiles, droppedFiles } from '../../../src/datasets/uploads/chosen';
import { RateMeter } from '../../../src/datasets/uploads/rate';
import { FetchStack } from './fetch-stack';
import { TusServer } from './tus-server';

const MIB = 1024 * 1024;

// Hashing tens of MiB takes long on a busy machine; `until` says what did not happen before that.
jest.setTimeout(60_000);

function file(name: string, size: number, relativePath = '', lastModified = 1): IChosenFile {
  return { file: new File([randomBytes(size)], name, { lastModified }), relativePath };
}

async function bytesOf(chosen: IChosenFile): Promise<Buffer> {
  return Buffer.from(await chosen.file.arrayBuffer());
}

async function until(isSo: () => boolean): Promise<void> {
  const end_ms = Date.now() + 20_000;
  while (!isSo()) {
    if (Date.now() > end_ms) {
      throw new Error(`it did not happen: ${String(isSo)}`);
    }
    await new Promise(resolve => setTimeout(resolve, 10));
  }
}

describe('UploadQueue', () => {
  let server: TusServer;
  let queue: UploadQueue;
  let completed: IUploadDrop[];

  function newQueue(baseUrl: string): UploadQueue {
    const settings = ServerConnection.makeSettings({ baseUrl, token: 'secret' });
    const made = new UploadQueue(new GrowthApi(settings), { httpStack: new FetchStack() });
    made.completed.connect((_, drop) => completed.push(drop));
    return made;
  }

  let baseUrl = '';
  beforeEach(async () => {
    Object.defineProperty(globalThis, 'crypto', { value: webcrypto, configurable: true });
    server = new TusServer();
    baseUrl = await server.listen();
    completed = [];
    queue = newQueue(baseUrl);
  });
  afterEach(() => {
    queue.dispose();
    server.close();
  });

  it('test_file_when_added_then_it_arrives_in_checked_chunks_and_its_link_is_told', async () => {
    const chosen = file('Übung.fits', 40 * MIB);
    const drop = queue.add([chosen]);
    expect(drop?.title).toBe('Übung.fits');
    expect(queue.isBusy).toBe(true);
    await until(() => completed.length === 1);
    const [stored] = server.uploads.values();
    expect(stored.data.equals(await bytesOf(chosen))).toBe(true);
    expect(stored.name).toBe('Übung.fits');
    expect(drop?.link).toBe(`upload:${stored.id}`);
    expect(server.checksums.every(one => one.startsWith('sha256 '))).toBe(true);
    expect(server.checksums).toHaveLength(2); // 16 MiB, then what is left of 32
    expect(server.headers.authorization).toBe('token secret');
    expect(queue.isBusy).toBe(false);
    expect(drop?.progress).toMatchObject({ files: 1, doneFiles: 1, sent_bytes: 40 * MIB });
  });

  it('test_cookie_when_there_is_one_then_each_request_carries_its_xsrf_token', async () => {
    document.cookie = '_xsrf=2|abc|def';
    queue.add([file('a', 5)]);
    await until(() => completed.length === 1);
    expect(server.headers['x-xsrftoken']).toBe('2|abc|def');
    document.cookie = '_xsrf=; max-age=0';
  });

  it('test_folder_when_added_then_it_is_one_batch_that_knows_how_many_it_has', async () => {
    const files = [
      file('a', 5, 'run7/a'),
      file('b', 0, 'run7/raw/b'),
      file('c', 5 * MIB, 'run7/c'),
      file('d', 7, 'run7/d')
    ];
    const drop = queue.add(files);
    expect(drop?.title).toBe('run7');
    await until(() => completed.length === 1);
    const stored = [...server.uploads.values()];
    const batches = new Set(stored.map(upload => upload.batch));
    expect(batches.size).toBe(1);
    const [batch] = batches;
    expect(batchTotal(batch)).toEqual({ files: 4, size_bytes: 12 + 5 * MIB });
    expect(drop?.link).toBe(`upload:batch:${batch}`);
    expect(stored.map(upload => upload.relativePath).sort()).toEqual(
      files.map(one => one.relativePath).sort()
    );
    // what is small comes with its announcement
    expect(server.requests.filter(method => method === 'PATCH')).toHaveLength(1);
  });

  it('test_connection_when_it_drops_then_it_is_retried_and_goes_on', async () => {
    server.fault = (method, count) => (method === 'PATCH' && count === 2 ? 0 : null);
    const chosen = file('a', 40 * MIB);
    const drop = queue.add([chosen]);
    await until(() => drop?.items[0].state === 'retrying');
    expect(drop?.items[0].retryAt?.getTime()).toBeGreaterThan(Date.now() - 10);
    expect(drop?.items[0].problem?.isNetwork).toBe(true);
    queue.resume(); // does not wait
    await until(() => completed.length === 1);
    expect([...server.uploads.values()][0].data.equals(await bytesOf(chosen))).toBe(true);
    expect(drop?.items[0].problem).toBeNull();
    expect(server.requests).toContain('HEAD');
    expect(server.uploads.size).toBe(1);
  });

  it.each([409, 423, 460, 500, 503])(
    'test_answer_when_it_is_%d_then_it_is_tried_again',
    async status => {
      server.fault = (method, count) => (method === 'PATCH' && count === 1 ? status : null);
      queue.add([file('a', 5 * MIB)]);
      await until(() => completed.length === 1);
    }
  );

  it.each([403, 413, 507])('test_answer_when_it_is_%d_then_the_file_has_failed', async status => {
    server.fault = (method, count) => (method === 'POST' && count === 1 ? status : null);
    const drop = queue.add([file('a', 5), file('b', 5)]);
    await until(() => queue.progress.failedFiles === 1 && queue.progress.doneFiles === 1);
    expect(drop?.isComplete).toBe(false);
    expect(drop?.link).toBe('');
    const failed = drop?.items.find(item => item.state === 'failed'); // whose request came first
    expect(failed?.problem).toMatchObject({ status, detail: `refused with ${status}` });
    queue.resume(failed?.key);
    await until(() => completed.length === 1);
  });

  it('test_upload_when_it_was_deleted_on_the_server_then_it_begins_again', async () => {
    server.fault = (method, count) => (method === 'PATCH' && count === 1 ? 0 : null);
    const drop = queue.add([file('a', 5 * MIB)]);
    await until(() => drop?.items[0].state === 'retrying');
    server.uploads.clear();
    await until(() => completed.length === 1);
    expect(drop?.link).toBe(`upload:${[...server.uploads.keys()][0]}`);
  });

  it('test_page_when_reloaded_then_the_same_file_goes_on_at_its_offset', async () => {
    const chosen = file('a', 5 * MIB);
    const batch = batchOf([chosen], 'priya');
    const data = (await bytesOf(chosen)).subarray(0, 3 * MIB);
    const left = server.leave({ name: 'a', size: 5 * MIB, batch, data });
    await queue.refresh();
    expect(queue.unfinished).toMatchObject([
      { id: left.id, name: 'a', offset_bytes: 3 * MIB, size_bytes: 5 * MIB, isComplete: false }
    ]);
    const drop = queue.add([chosen]);
    await until(() => drop?.items[0].state === 'sending');
    expect(queue.unfinished).toEqual([]); // it is on its way, not left
    await until(() => completed.length === 1);
    expect(server.uploads.size).toBe(1);
    expect(left.data.equals(await bytesOf(chosen))).toBe(true);
    expect(completed[0].link).toBe(`upload:${left.id}`);
    expect(server.requests).not.toContain('POST');
    await queue.refresh();
    expect(queue.unfinished).toEqual([]);
  });

  it('test_page_when_reloaded_then_files_of_a_folder_that_arrived_are_not_sent_again', async () => {
    const files = [file('a', 5, 'run7/a'), file('b', 6, 'run7/b')];
    queue.add(files);
    await until(() => completed.length === 1);
    server.uploads.delete([...server.uploads.values()].find(one => one.name === 'b')!.id);
    const later = newQueue(baseUrl);
    await later.refresh();
    expect(later.unfinished).toMatchObject([
      { name: 'run7', offset_bytes: 5, size_bytes: 11, isComplete: false, link: '' }
    ]);
    server.requests.length = 0;
    later.add(files);
    await until(() => completed.length === 2);
    expect(server.requests.filter(method => method === 'POST')).toHaveLength(1);
    expect(completed[1].link).toBe(completed[0].link);
    later.dispose();
  });

  it('test_unfinished_when_all_is_there_then_it_can_be_published_or_discarded', async () => {
    queue.add([file('a', 5, 'run7/a'), file('b', 6, 'run7/b')]);
    await until(() => completed.length === 1);
    const later = newQueue(baseUrl);
    await later.refresh();
    expect(later.unfinished).toMatchObject([{ isComplete: true, link: completed[0].link }]);
    await later.discard(later.unfinished[0].id);
    expect(server.uploads.size).toBe(0);
    expect(later.unfinished).toEqual([]);
    later.dispose();
  });

  it('test_unfinished_when_a_job_publishes_it_then_it_is_not_listed_until_that_has_ended', async () => {
    queue.add([file('a', 5, 'run7/a'), file('b', 6, 'run7/b')]);
    queue.add([file('c', 7)]);
    await until(() => completed.length === 2);
    const [folder, single] = queue.drops.map(({ link }) => link);
    const later = newQueue(baseUrl);
    server.publishing = { [folder]: 'job-1' };
    await later.refresh();
    expect(later.unfinished.map(({ link }) => link)).toEqual([single]);
    server.publishing = {};
    await later.refresh();
    expect(later.unfinished.map(({ link }) => link).sort()).toEqual([single, folder].sort());
    later.dispose();
  });

  it('test_unfinished_when_it_is_somebody_elses_then_it_is_not_listed', async () => {
    server.leave({ size: 10 });
    const me = server.login;
    await queue.refresh();
    expect(queue.unfinished).toHaveLength(1);
    await queue.refresh();
    server.login = 'tom'; // what lies there is said to be of tom, and we are still priya
    await queue.refresh();
    expect(queue.unfinished).toHaveLength(0);
    expect(me).toBe('priya');
  });

  it('test_drop_when_the_same_files_are_added_twice_then_they_are_sent_once', async () => {
    const files = [file('a', 20 * MIB)];
    queue.add(files);
    queue.add(files);
    await until(() => completed.length === 1);
    expect(queue.drops).toHaveLength(1);
    expect(server.uploads.size).toBe(1);
    queue.add(files); // two cards over one upload would take it away from each other
    await until(() => queue.drops.length === 1);
    expect(queue.drops[0].link).toBe(completed[0].link);
    server.uploads.clear();
    queue.add(files); // it was published or deleted meanwhile
    await until(() => completed.length === 2);
    expect(completed[1].link).not.toBe(completed[0].link);
  });

  it('test_pause_when_asked_then_nothing_is_sent_until_resume', async () => {
    const drop = queue.add([file('a', 40 * MIB)]);
    await until(() => (drop?.items[0].sent_bytes ?? 0) > 0);
    queue.pause();
    expect(drop?.items[0].state).toBe('paused');
    expect(queue.isBusy).toBe(false);
    await new Promise(resolve => setTimeout(resolve, 300));
    const count = server.requests.length;
    await new Promise(resolve => setTimeout(resolve, 300));
    expect(server.requests).toHaveLength(count);
    queue.resume(drop?.key);
    await until(() => completed.length === 1);
  });

  it('test_cancel_when_asked_then_it_is_deleted_on_the_server_too', async () => {
    const drop = queue.add([file('a', 40 * MIB), file('b', 5)]);
    await until(() => (drop?.items[0].uploadId ?? '') !== '' && drop?.items[1].state === 'done');
    await queue.cancel(drop!.items[0].key);
    expect([...server.uploads.values()].map(upload => upload.name)).toEqual(['b']);
    expect(queue.drops[0].items).toHaveLength(1);
    await queue.cancel(drop!.key);
    expect(queue.drops).toEqual([]);
    expect(server.uploads.size).toBe(0);
  });

  it('test_files_when_many_then_three_are_sent_at_a_time', async () => {
    let most = 0;
    queue.changed.connect(() => {
      const items = queue.drops.flatMap(drop => drop.items);
      most = Math.max(most, items.filter(item => item.state === 'sending').length);
    });
    queue.add(Array.from({ length: 8 }, (_, n) => file(`${n}`, 5 * MIB, `d/${n}`)));
    const items = queue.drops[0].items;
    await until(() => {
      most = Math.max(most, items.filter(item => item.state === 'sending').length);
      return completed.length === 1;
    });
    expect(most).toBe(3);
  });

  it('test_server_when_it_cannot_be_asked_then_it_is_asked_again', async () => {
    server.fault = (method, count) => (method === 'GET' && count === 1 ? 503 : null);
    queue.add([file('a', 5)]);
    await until(() => queue.problem !== null);
    const count = server.requests.length;
    await new Promise(resolve => setTimeout(resolve, 300));
    expect(server.requests).toHaveLength(count); // not at once
    queue.resume();
    await until(() => completed.length === 1);
    expect(queue.problem).toBeNull();
  });

  it('test_nothing_when_added_then_there_is_no_drop', () => {
    expect(queue.add([])).toBeNull();
    expect(queue.addFiles([])).toBeNull();
  });
});

describe('batchOf', () => {
  const files = [file('a', 5, 'd/a'), file('b', 6, 'd/b')];

  it('test_batch_when_files_come_in_another_order_then_it_is_the_same', () => {
    expect(batchOf([...files].reverse(), 'ada')).toBe(batchOf(files, 'ada'));
    expect(batchOf(files, 'ada')).toMatch(/^[0-9a-f]{32}-2-11$/);
  });

  it('test_batch_when_anything_differs_then_it_is_another', () => {
    const known = new Set([
      batchOf(files, 'ada'),
      batchOf(files, 'tom'),
      batchOf([files[0]], 'ada'),
      batchOf([files[0], file('b', 6, 'd/c')], 'ada'),
      batchOf([files[0], file('b', 7, 'd/b')], 'ada'),
      batchOf([files[0], file('b', 6, 'd/b', 2)], 'ada')
    ]);
    expect(known.size).toBe(6);
  });
});

describe('chosen files', () => {
  const fileEntry = (name: string): FileSystemFileEntry =>
    ({
      isFile: true,
      name,
      fullPath: `/${name}`,
      file: (done: (file: File) => void) => done(new File(['x'], name))
    }) as FileSystemFileEntry;
  const folderEntry = (name: string, inner: FileSystemEntry[]): FileSystemDirectoryEntry =>
    ({
      isFile: false,
      name,
      fullPath: `/${name}`,
      createReader: () => {
        const left = [...inner];
        return {
          readEntries: (done: (entries: FileSystemEntry[]) => void) => done(left.splice(0, 100))
        };
      }
    }) as unknown as FileSystemDirectoryEntry;
  const transfer = (entries: FileSystemEntry[]): DataTransfer =>
    ({
      items: entries.map(entry => ({ kind: 'file', webkitGetAsEntry: () => entry }))
    }) as unknown as DataTransfer;

  it('test_folder_when_dropped_then_all_files_below_know_their_place', async () => {
    const many = Array.from({ length: 250 }, (_, n) => fileEntry(`${n}.fits`));
    const top = folderEntry('run7', [folderEntry('raw', many), fileEntry('.DS_Store')]);
    const found = await droppedFiles(transfer([top, fileEntry('alone.fits')]));
    expect(found).toHaveLength(251);
    expect(found[249].relativePath).toBe('run7/raw/249.fits');
    expect(found[250]).toMatchObject({ relativePath: '' });
  });

  it('test_folder_when_it_cannot_be_read_then_the_problem_says_which', async () => {
    const closed = {
      ...fileEntry('secret'),
      file: (_: unknown, failed: (error: Error) => void) => failed(new Error('not allowed'))
    } as unknown as FileSystemEntry;
    await expect(droppedFiles(transfer([closed]))).rejects.toMatchObject({
      detail: '/secret: not allowed'
    });
  });

  it('test_input_when_it_takes_folders_then_places_are_kept', () => {
    const inner = new File(['x'], 'a');
    Object.defineProperty(inner, 'webkitRelativePath', { value: 'run7/a' });
    expect(chosenFiles([inner, new File(['y'], 'b')]).map(one => one.relativePath)).toEqual([
      'run7/a',
      ''
    ]);
  });
});

describe('RateMeter', () => {
  it('test_rate_when_bytes_move_then_it_is_that_of_the_last_seconds', () => {
    const meter = new RateMeter();
    expect(meter.rate_bytes_per_s(0)).toBeNull();
    for (let s = 0; s <= 20; s++) {
      meter.note(s < 10 ? 100 * s : 1000 + 10 * (s - 10), 1000 * s);
    }
    expect(meter.rate_bytes_per_s(20_000)).toBeCloseTo(10, 5);
    expect(meter.rate_bytes_per_s(40_000)).toBeNull();
  });
});
