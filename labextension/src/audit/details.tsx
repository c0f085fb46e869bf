import * as React from 'react';

import { Problem } from '../api/problem';
import type { GrowthApi } from '../api/client';
import type { IAuditEntry } from '../api/types';
import { Button } from '../ui/button';
import { ProblemBanner } from '../ui/problem-banner';
import { formatMoment } from '../ui/time';

/** One change in full, and its undo. */
export function EntryDetails({ entry, api }: { entry: IAuditEntry; api: GrowthApi }): JSX.Element {
  const [state, setState] = React.useState<'offered' | 'asked' | 'done'>('offered');
  const [problem, setProblem] = React.useState<Problem | null>(null);
  const facts: [string, string][] = [
    ['When', formatMoment(new Date(entry.time))],
    ['Who', entry.user],
    ['What', entry.action],
    ['To what', entry.target],
    ['Result', entry.result],
    ['Reason', entry.detail],
    ['Permission', entry.permission],
    ['Plan', entry.plan_id],
    ['Before', entry.before],
    ['After', entry.after],
    ['Entry', entry.id]
  ];
  const { undo } = entry;
  const takeBack = (): void => {
    if (!undo) {
      return;
    }
    setState('asked');
    setProblem(null);
    api.undo(undo).then(
      () => setState('done'),
      reason => {
        setProblem(Problem.from(reason));
        setState('offered');
      }
    );
  };
  return (
    <>
      <dl className="growth-Facts">
        {facts
          .filter(([, value]) => value)
          .map(([name, value]) => (
            <React.Fragment key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </React.Fragment>
          ))}
      </dl>
      {problem && <ProblemBanner problem={problem} doing={undo?.title} />}
      {undo && state !== 'done' && (
        <Button label={undo.title} isDisabled={state === 'asked'} onClick={takeBack} />
      )}
      {state === 'done' && <p role="status">Undone; it stands above as a change of its own.</p>}
    </>
  );
}
