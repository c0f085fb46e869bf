import { Problem } from '../../src/api/problem';
import { Linter, PAUSE_MS } from '../../src/startup/linter';
import type { IFinding } from '../../src/startup/types';
import { finding } from './fake-server';

interface IAsked {
  text: string;
  signal: AbortSignal;
  answer(findings: IFinding[]): Promise<void>;
  fail(): Promise<void>;
}

function start(): { linter: Linter; asked: IAsked[] } {
  const asked: IAsked[] = [];
  const linter = new Linter(
    (text, signal) =>
      new Promise((resolve, reject) => {
        asked.push({
          text,
          signal,
          answer: async findings => {
            resolve(findings);
            await flush();
          },
          fail: async () => {
            reject(Problem.unreachable('down'));
            await flush();
          }
        });
      })
  );
  return { linter, asked };
}

const flush = async (): Promise<void> => {
  for (let i = 0; i < 5; i += 1) {
    await Promise.resolve();
  }
};

describe('Linter', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it('asks once, after a pause in typing, about the last text', () => {
    const { linter, asked } = start();
    for (const text of ['a', 'ab', 'abc']) {
      linter.schedule(text);
      jest.advanceTimersByTime(PAUSE_MS - 1);
    }
    expect(asked).toHaveLength(0);
    jest.advanceTimersByTime(1);
    expect(asked.map(({ text }) => text)).toEqual(['abc']);
    expect(linter.isCurrent).toBe(false);
  });

  it('drops the answer about an older text', async () => {
    const { linter, asked } = start();
    linter.checkNow('old');
    jest.advanceTimersByTime(0);
    linter.checkNow('new');
    jest.advanceTimersByTime(0);
    expect(asked[0].signal.aborted).toBe(true);
    await asked[1].answer([finding({ message: 'new' })]);
    await asked[0].answer([finding({ message: 'old' }), finding()]);
    expect(linter.findings.map(({ message }) => message)).toEqual(['new']);
    expect(linter.isCurrent).toBe(true);
  });

  it('keeps the last findings until the next are there, in the order of lines', async () => {
    const { linter, asked } = start();
    linter.checkNow('a');
    jest.advanceTimersByTime(0);
    await asked[0].answer([finding({ line: 9 }), finding({ line: 3, severity: 'warning' })]);
    expect(linter.findings.map(({ line }) => line)).toEqual([3, 9]);
    expect([linter.errorCount, linter.warningCount]).toEqual([1, 1]);
    linter.schedule('b');
    expect(linter.findings).toHaveLength(2);
    expect(linter.isCurrent).toBe(false);
  });

  it('says that it could not check, and checks again with the next text', async () => {
    const { linter, asked } = start();
    linter.checkNow('a');
    jest.advanceTimersByTime(0);
    await asked[0].fail();
    expect(linter.problem?.isNetwork).toBe(true);
    linter.checkNow('b');
    jest.advanceTimersByTime(0);
    await asked[1].answer([]);
    expect(linter.problem).toBeNull();
  });

  it('asks nothing after it is disposed', () => {
    const { linter, asked } = start();
    linter.schedule('a');
    linter.dispose();
    jest.runAllTimers();
    expect(asked).toHaveLength(0);
  });
});
