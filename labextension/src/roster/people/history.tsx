import * as React from 'react';

import type { IAuditEntry } from '../../api/types';
import { RESULT_TONES } from '../../audit/entries';
import { AuditModel } from '../../audit/model';
import type { IHost } from '../../panel/host';
import { usePolled } from '../../ui/polled';
import { ProblemBanner } from '../../ui/problem-banner';
import { Skeleton } from '../../ui/skeleton';
import { StateBadge } from '../../ui/state-badge';
import { RelativeTime } from '../../ui/time';
import type { IPerson } from '../types';

const SHOWN = 30;

/** Return the entries of the trail that name this person by login, address, name or key. */
export function entriesOf(
  entries: readonly IAuditEntry[],
  person: Pick<IPerson, 'key' | 'login' | 'email' | 'name'>
): IAuditEntry[] {
  const own = [person.key, person.login, person.email]
    .filter(Boolean)
    .map(word => word.toLowerCase());
  const name = person.name.toLowerCase();
  return entries.filter(entry => {
    const text = [entry.target, entry.action, entry.detail, entry.before, entry.after]
      .join(' ')
      .toLowerCase();
    const words = new Set(text.split(/[^a-z0-9@._+:-]+/).map(word => word.replace(/[.:]$/, '')));
    return own.some(word => words.has(word)) || (name !== '' && text.includes(name));
  });
}

/** What was done with one person, newest first. */
export function PersonHistory({ host, person }: { host: IHost; person: IPerson }): JSX.Element {
  const root = React.useRef<HTMLDivElement>(null);
  const model = usePolled(() => new AuditModel(host.api, { area: 'roster' }), root, [host.api]);
  const own = entriesOf(model.data?.entries ?? [], person).slice(0, SHOWN);
  return (
    <div ref={root}>
      {model.problem && (
        <ProblemBanner
          problem={model.problem}
          doing="Reading the history"
          tone="warn"
          onRetry={() => void model.refresh()}
        />
      )}
      {!model.data && !model.problem && <Skeleton what="the history" rows={3} />}
      {model.data && own.length === 0 && (
        <p className="growth-Quiet">Nothing was changed here for this person.</p>
      )}
      <ul className="growth-Changes">
        {own.map(entry => (
          <li key={entry.id} title={entry.detail || undefined}>
            <span className="growth-Changes-what">{entry.action}</span>
            <span className="growth-Changes-who">
              <StateBadge tone={RESULT_TONES[entry.result]} word={entry.result} /> {entry.user} ·{' '}
              <RelativeTime time={entry.time} />
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}
