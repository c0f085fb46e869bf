import * as React from 'react';

/** Return the value as it was once it has stood still for a while; the first one at once. */
export function useLate<T>(value: T, wait_ms: number): T {
  const [late, setLate] = React.useState(value);
  React.useEffect(() => {
    const timer = window.setTimeout(() => setLate(value), wait_ms);
    return () => window.clearTimeout(timer);
  }, [value, wait_ms]);
  return late;
}
