import * as React from 'react';

import type { ISourceChange } from './client';

/** What changes in one file, line by line; a sign says it as well as the colour. */
export function UnifiedDiff({ file }: { file: ISourceChange }): JSX.Element {
  const lines = file.unified.replace(/\n$/, '').split('\n');
  return (
    <pre
      className="growth-Log growth-Unified"
      tabIndex={0}
      role="region"
      aria-label={`Change of ${file.path}`}
    >
      {lines.map((line, index) => (
        <span key={index} data-sign={signOf(line)}>
          {`${line}\n`}
        </span>
      ))}
    </pre>
  );
}

function signOf(line: string): 'plus' | 'minus' | 'place' | undefined {
  if (line.startsWith('+++') || line.startsWith('---') || line.startsWith('@@')) {
    return 'place';
  }
  return line.startsWith('+') ? 'plus' : line.startsWith('-') ? 'minus' : undefined;
}
