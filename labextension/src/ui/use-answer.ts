/** A question that is put once; what is asked again and again is `Polled`. */

import * as React from 'react';

import { Problem } from '../api/problem';

export interface IAnswer<T> {
  /** What was said about the thing that is asked about now, or null. */
  answer: T | null;
  /** Why the last question failed. */
  problem: Problem | null;
  /** Ask again; what is known stays in view meanwhile. */
  ask(): void;
}

/** Ask about `of`, and again when something of `again` changes; late answers are forgotten. */
export function useAnswer<T>(
  load: () => Promise<T>,
  of: string | number,
  again: React.DependencyList
): IAnswer<T> {
  const [said, setSaid] = React.useState<{ of: string | number; answer: T } | null>(null);
  const [problem, setProblem] = React.useState<Problem | null>(null);
  const [asked, setAsked] = React.useState(0);
  React.useEffect(() => {
    let isOver = false;
    setProblem(null);
    load().then(
      answer => !isOver && setSaid({ of, answer }),
      reason => !isOver && setProblem(Problem.from(reason))
    );
    return () => {
      isOver = true;
    };
    // eslint-disable-next-line react-hooks/exhaustive-deps -- the caller says what asks again
  }, [of, asked, ...again]);
  const ask = React.useCallback(() => setAsked(count => count + 1), []);
  return { answer: said?.of === of ? said.answer : null, problem, ask };
}
