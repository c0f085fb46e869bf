import * as React from 'react';

import type { IReceiptCounts } from '../types';
import { RECEIPT_STATES, RECEIPTS, spellReceipts, studentsOf } from '../words';

/** Who has it, as a small stacked bar with the numbers beside it. */
export function ReceiptsBar({ counts }: { counts: IReceiptCounts }): JSX.Element {
  const all = studentsOf(counts);
  if (all === 0) {
    return (
      <span
        className="growth-None"
        title="A student counts from the first start after it was published"
      >
        no start yet
      </span>
    );
  }
  const words = spellReceipts(counts);
  return (
    <span className="growth-ReceiptsBar" title={words}>
      <span className="growth-ReceiptsBar-bar" aria-hidden="true">
        {RECEIPT_STATES.filter(state => counts[state] > 0).map(state => (
          <span
            key={state}
            className={`growth-mod-${state}`}
            style={{ flexGrow: counts[state] }}
            title={`${counts[state]} ${state}: ${RECEIPTS[state].meaning}`}
          />
        ))}
      </span>
      <span className="growth-ReceiptsBar-words">{words}</span>
    </span>
  );
}
