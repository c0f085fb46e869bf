/** What checks found about one image. */

import * as React from 'react';

import { StateBadge } from '../ui/state-badge';
import { RelativeTime } from '../ui/time';
import type { ICheckResult, IGate } from './types';
import { gateWord } from './words';

interface IGateRecordsProps {
  gate: IGate;
  results: readonly ICheckResult[];
}

/** The newest result of each check counts; the older ones stay to be read. */
export function GateRecords({ gate, results }: IGateRecordsProps): JSX.Element {
  return (
    <section className="growth-Gate" aria-label="Checks">
      <h4>Checks</h4>
      <p>
        <StateBadge tone={gateWord(gate).tone} word={gate.sentence} title={gate.sentence} />
      </p>
      <ul>
        {results.map(result => (
          <li key={result.id}>
            <StateBadge
              tone={result.is_passed ? 'ok' : 'error'}
              word={`${result.check} ${result.is_passed ? 'passed' : 'failed'}`}
            />
            <span className="growth-Quiet">
              <RelativeTime time={result.time} /> by {result.author}
            </span>
            {result.detail && <p>{result.detail}</p>}
          </li>
        ))}
      </ul>
    </section>
  );
}
