import * as React from 'react';
export function RehearsalReport({ report }: { report: unknown }): JSX.Element {
  return <pre>{JSON.stringify(report, null, 1)}</pre>;
}
