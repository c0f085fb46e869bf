/** Views whose code is fetched when the first one is shown. */

import * as React from 'react';

import { Problem } from '../api/problem';
import { ProblemBanner } from './problem-banner';
import { Skeleton } from './skeleton';

/**
 * Return a component that fetches `load`'s and then is it. Where the code cannot be fetched (the
 * network is away), that part of the panel says so and can try again; what is around it stays.
 */
export function lazyView<P extends object>(
  what: string,
  load: () => Promise<React.ComponentType<P>>,
  rows?: number
): React.FunctionComponent<P> {
  let known: React.ComponentType<P> | null = null;
  return function LazyView(props: P): JSX.Element {
    const [View, setView] = React.useState(() => known);
    const [problem, setProblem] = React.useState<Problem | null>(null);
    const fetchCode = React.useCallback((): void => {
      setProblem(null);
      load().then(
        component => {
          known = component;
          setView(() => component);
        },
        reason => setProblem(Problem.unreachable(reason))
      );
    }, []);
    React.useEffect(() => {
      if (!known) {
        fetchCode();
      }
    }, [fetchCode]);
    if (View) {
      return <View {...props} />;
    }
    return problem ? (
      <ProblemBanner problem={problem} doing={`Fetching ${what}`} onRetry={fetchCode} />
    ) : (
      <Skeleton what={what} rows={rows} />
    );
  };
}
