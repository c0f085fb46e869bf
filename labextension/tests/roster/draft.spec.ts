import { Draft } from '../../src/roster/intake/draft';
import { FILE_LIMIT_BYTES } from '../../src/roster/intake/file';
import { RosterClient } from '../../src/roster/client';
import type { IImportRequest } from '../../src/roster/types';
import { FakeRoster } from './fake-roster';
import { preview } from './samples';

function begin(): { roster: FakeRoster; draft: Draft } {
  const roster = new FakeRoster();
  return { roster, draft: new Draft(new RosterClient(roster.api)) };
}

const bodyOf = (roster: FakeRoster): IImportRequest => roster.bodyOf('roster/imports');

describe('a list', () => {
  it('test_file_when_taken_then_its_bytes_are_sent_as_they_are', async () => {
    const { roster, draft } = begin();
    const bytes = Uint8Array.from({ length: 70_000 }, (_, index) => index % 256);
    const file = new File([bytes], 'people.xlsx');
    file.arrayBuffer = async () => bytes.buffer; // jsdom's has none
    await draft.takeFile(file);
    expect(draft.problem).toBeNull();
    const { filename, content, text } = bodyOf(roster);
    expect(filename).toBe('people.xlsx');
    expect(text).toBe('');
    expect(Uint8Array.from(atob(content), letter => letter.charCodeAt(0))).toEqual(bytes);
    expect(draft.step).toBe('columns');
  });

  it('test_file_when_too_large_then_it_is_not_sent_and_says_what_to_do', async () => {
    const { roster, draft } = begin();
    const file = new File(['x'], 'film.mov');
    Object.defineProperty(file, 'size', { value: FILE_LIMIT_BYTES + 1 });
    await draft.takeFile(file);
    expect(roster.asked).toEqual([]);
    expect(draft.problem?.hint).toContain('CSV');
    expect(draft.isReading).toBe(false);
  });

  it('test_cells_when_put_right_and_left_out_then_all_of_it_is_sent_again', async () => {
    const { roster, draft } = begin();
    draft.paste('jane\ntom');
    await draft.takePasted();
    await draft.correct(17, 'login', ' jane ');
    await draft.correct(17, 'login', 'jane-doe');
    await draft.leaveOut(23);
    await draft.leaveOut(4);
    expect(bodyOf(roster)).toMatchObject({
      text: 'jane\ntom',
      corrections: [{ row: 17, field: 'login', value: 'jane-doe' }],
      skip: [4, 23]
    });
    await draft.takeBack(23);
    await draft.uncorrect(17, 'login');
    expect(bodyOf(roster)).toMatchObject({ corrections: [], skip: [4] });
  });

  it('test_mapping_when_a_field_moves_then_the_column_that_had_it_is_not_used', async () => {
    const { roster, draft } = begin();
    await draft.takePasted();
    await draft.setField(2, 'login');
    expect(bodyOf(roster).mapping).toEqual({ 0: 'name', 1: '', 2: 'login' });
    await draft.setField(0, '');
    expect(bodyOf(roster).mapping).toEqual({ 0: '', 1: '', 2: 'login' });
  });

  it('test_answers_when_they_overtake_each_other_then_the_last_question_counts', async () => {
    const { roster, draft } = begin();
    await draft.takePasted();
    const answers: ((value: ReturnType<typeof preview>) => void)[] = [];
    roster.read = () => new Promise(done => answers.push(done));
    const first = draft.correct(2, 'login', 'a');
    const second = draft.correct(3, 'login', 'b');
    await new Promise(done => setTimeout(done, 5));
    answers[1](preview({ rows: 22 }));
    await second;
    answers[0](preview({ rows: 11 }));
    await first;
    expect(draft.preview?.rows).toBe(22);
    expect(draft.isReading).toBe(false);
  });

  it('test_server_when_away_then_what_was_read_stays_and_it_can_be_asked_again', async () => {
    const { roster, draft } = begin();
    await draft.takePasted();
    roster.refusal = { status: 503, title: 'away' };
    await draft.correct(2, 'login', 'a');
    expect(draft.problem?.title).toBe('away');
    expect(draft.preview).not.toBeNull();
    roster.refusal = null;
    await draft.again();
    expect(draft.problem).toBeNull();
    expect(bodyOf(roster).corrections).toHaveLength(1);
  });
});
