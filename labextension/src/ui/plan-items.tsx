import * as React from 'react';

import { Icon } from './icons';
import { MiddleText } from './middle-text';
import { StateBadge, type Tone } from './state-badge';
import { formatCount } from './time';

/** One line of a plan or of a receipt. */
export interface IItem {
  target: string;
  /** What is, or was, done; the lines are grouped by it. */
  action: string;
  detail: string;
  /** In a receipt: done, skipped or failed. */
  result?: string;
}

const MANY = 200;
const TONES: Record<string, Tone> = { done: 'ok', failed: 'error', skipped: 'warn' };

/** Lines grouped by what is done, with counts; a group opens on a click. */
export function PlanItems({ items }: { items: readonly IItem[] }): JSX.Element {
  const groups = new Map<string, IItem[]>();
  for (const item of items) {
    const name = item.result ? `${item.action}: ${item.result}` : item.action;
    groups.set(name, [...(groups.get(name) ?? []), item]);
  }
  return (
    <div className="growth-PlanItems">
      {[...groups].map(([name, members]) => (
        <Group key={name} name={name} items={members} isOpen={items.length <= 8} />
      ))}
    </div>
  );
}

function Group(props: { name: string; items: readonly IItem[]; isOpen: boolean }): JSX.Element {
  const { name, items } = props;
  const [isOpen, setOpen] = React.useState(props.isOpen || items[0]?.result === 'failed');
  const tone = TONES[items[0]?.result ?? ''];
  return (
    <section>
      <button
        type="button"
        className="growth-PlanItems-head"
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
      >
        <Icon name={isOpen ? 'down' : 'right'} />
        <b>{formatCount(items.length)}</b> × {tone ? <StateBadge tone={tone} word={name} /> : name}
      </button>
      {isOpen && (
        <ul>
          {items.slice(0, MANY).map((item, index) => (
            <li key={index}>
              <MiddleText text={item.target} />
              {item.detail && <span className="growth-PlanItems-detail">{item.detail}</span>}
            </li>
          ))}
          {items.length > MANY && <li>and {formatCount(items.length - MANY)} more</li>}
        </ul>
      )}
    </section>
  );
}
