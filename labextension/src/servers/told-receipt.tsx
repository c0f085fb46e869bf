/** The receipt of users who were told: who saw it, who saved, who went early. */

import * as React from 'react';

import type { IReceiptItem } from '../api/types';
import { MiddleText } from '../ui/middle-text';
import { formatCount } from '../ui/time';

/** What the receipt's words mean, worst first; a test holds the server to these words. */
export const STORIES: readonly { id: string; label: string; words: RegExp }[] = [
  { id: 'unsaved', label: 'could not save', words: /could not be saved/ },
  { id: 'unseen', label: 'did not see it', words: /did not see the notice/ },
  { id: 'silent', label: 'saw it, saving not known', words: /did not say that it saved/ },
  { id: 'saved', label: 'saw it and saved', words: /saw the notice, saved/ },
  { id: 'late', label: 'given more time', words: /was given \d+ more min/ },
  { id: 'busy', label: 'had busy kernels', words: /kernels were busy/ },
  { id: 'early', label: 'went early', words: /went early/ }
];
const MANY = 200;

/** Return whom the receipt says what of; empty where nobody was told. */
export function storiesOf(
  items: readonly IReceiptItem[]
): { id: string; label: string; items: IReceiptItem[] }[] {
  return STORIES.map(({ id, label, words }) => ({
    id,
    label,
    items: items.filter(({ detail }) => words.test(detail ?? ''))
  })).filter(story => story.items.length > 0);
}

/** Counts that open the names behind them, one at a time. */
export function ToldReceipt({ items }: { items: readonly IReceiptItem[] }): JSX.Element | null {
  const [chosen, setChosen] = React.useState<string | null>(null);
  const stories = React.useMemo(() => storiesOf(items), [items]);
  const open = stories.find(({ id }) => id === chosen);
  if (stories.length === 0) {
    return null;
  }
  return (
    <div className="growth-ToldReceipt">
      <div className="growth-Chips" role="group" aria-label="What users did">
        {stories.map(({ id, label, items: members }) => (
          <button
            key={id}
            type="button"
            className="growth-Chip"
            aria-pressed={id === chosen}
            title={id === chosen ? 'Hide the names' : 'Show the names'}
            onClick={() => setChosen(id === chosen ? null : id)}
          >
            <b>{formatCount(members.length)}</b> {label}
          </button>
        ))}
      </div>
      {open && (
        <ul aria-label={open.label}>
          {open.items.slice(0, MANY).map(item => (
            <li key={item.target}>
              <MiddleText text={item.target} />
              <span className="growth-PlanItems-detail">{item.detail}</span>
            </li>
          ))}
          {open.items.length > MANY && (
            <li>and {formatCount(open.items.length - MANY)} more, in the whole receipt</li>
          )}
        </ul>
      )}
    </div>
  );
}
