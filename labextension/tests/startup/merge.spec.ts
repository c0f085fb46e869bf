import { hasMergeMarks, mergeTexts } from '../../src/startup/merge';

const BASE = 'one\ntwo\nthree\nfour\nfive\n';

describe('mergeTexts', () => {
  it('has the changes of both when they are in different places', () => {
    const merged = mergeTexts(
      BASE,
      'ONE\ntwo\nthree\nfour\nfive\n',
      'one\ntwo\nthree\nfour\nFIVE\n'
    );
    expect(merged).toEqual({ text: 'ONE\ntwo\nthree\nfour\nFIVE\n', conflictCount: 0 });
  });

  it('keeps insertions and deletions of both', () => {
    const merged = mergeTexts(
      BASE,
      'zero\none\ntwo\nthree\nfour\nfive\n',
      'one\ntwo\nfour\nfive\nsix\n'
    );
    expect(merged).toEqual({ text: 'zero\none\ntwo\nfour\nfive\nsix\n', conflictCount: 0 });
  });

  it('puts both between marks where the same lines changed', () => {
    const merged = mergeTexts(
      BASE,
      'one\nMINE\nthree\nfour\nfive\n',
      'one\nTHEIRS\nthree\nfour\nfive\n'
    );
    expect(merged.conflictCount).toBe(1);
    expect(merged.text).toBe(
      'one\n<<<<<<< mine\nMINE\n=======\nTHEIRS\n>>>>>>> theirs\nthree\nfour\nfive\n'
    );
    expect(hasMergeMarks(merged.text)).toBe(true);
    expect(hasMergeMarks(BASE)).toBe(false);
  });

  it('takes the same change of both once', () => {
    expect(mergeTexts(BASE, 'one\nX\nthree\nfour\nfive\n', 'one\nX\nthree\nfour\nfive\n')).toEqual({
      text: 'one\nX\nthree\nfour\nfive\n',
      conflictCount: 0
    });
  });

  it('asks when both add at the same place', () => {
    const merged = mergeTexts(BASE, `${BASE}mine\n`, `${BASE}theirs\n`);
    expect(merged.conflictCount).toBe(1);
    expect(merged.text).toContain('mine\n=======\ntheirs\n');
  });

  it('closes a last line without a line end before a mark', () => {
    const merged = mergeTexts('a', 'b', 'c');
    expect(merged.text).toBe('<<<<<<< mine\nb\n=======\nc\n>>>>>>> theirs\n');
  });

  it('copes with empty texts', () => {
    expect(mergeTexts('', '', '').text).toBe('');
    expect(mergeTexts('', 'a\n', '').text).toBe('a\n');
    expect(mergeTexts(BASE, '', BASE)).toEqual({ text: '', conflictCount: 0 });
  });

  it('loses no line of either side', () => {
    for (let seed = 1; seed <= 200; seed += 1) {
      const random = generator(seed);
      const base = lines(random, 12, 'b');
      const mine = change(random, base, 'm');
      const theirs = change(random, base, 't');
      const { text } = mergeTexts(base.join(''), mine.join(''), theirs.join(''));
      const merged = new Set(text.split('\n').map(line => `${line}\n`));
      const added = [...mine, ...theirs].filter(line => !base.includes(line));
      expect(added.filter(line => !merged.has(line))).toEqual([]);
      // A side that changed nothing leaves the other as it is.
      expect(mergeTexts(base.join(''), mine.join(''), base.join('')).text).toBe(mine.join(''));
      expect(mergeTexts(base.join(''), base.join(''), theirs.join('')).text).toBe(theirs.join(''));
    }
  });
});

function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return state / 2147483648;
  };
}

function lines(random: () => number, count: number, name: string): string[] {
  return Array.from({ length: count }, (_, index) => `${name}${random() < 0.3 ? 0 : index}\n`);
}

function change(random: () => number, base: readonly string[], name: string): string[] {
  return base.flatMap((line, index) => {
    const dice = random();
    if (dice < 0.15) {
      return [];
    }
    return dice < 0.3 ? [`${name}${index}\n`] : dice < 0.45 ? [line, `${name}+${index}\n`] : [line];
  });
}
