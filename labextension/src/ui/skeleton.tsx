import * as React from 'react';

/** Grey rows in the place of what is being fetched. */
export function Skeleton({ rows = 6, what }: { rows?: number; what: string }): JSX.Element {
  return (
    <div className="growth-Skeleton" role="status" aria-label={`Loading ${what}`}>
      {Array.from({ length: rows }, (_, index) => (
        <div key={index} className="growth-Skeleton-row" />
      ))}
    </div>
  );
}
