import './style';

import * as React from 'react';

import { Problem } from '../api/problem';
import { type IAction, useActions } from '../panel/actions';
import type { IPanelProps } from '../panel/host';
import { Button } from '../ui/button';
import { EmptyState } from '../ui/empty-state';
import { usePolled } from '../ui/polled';
import { ProblemBanner } from '../ui/problem-banner';
import { Skeleton } from '../ui/skeleton';
import { Toolbar } from '../ui/toolbar';
import { NoticeCard } from './card';
import { NoticesClient, NoticesModel } from './client';
import { Compose } from './compose';

const RUNBOOK = 'O07-tell-everybody-something.ipynb';

/** Write a notice, see who has seen it, withdraw it. */
export function NoticesPanel({ host }: IPanelProps): JSX.Element {
  const root = React.useRef<HTMLDivElement>(null);
  const client = React.useMemo(() => new NoticesClient(host.api), [host.api]);
  const model = usePolled(() => new NoticesModel(client), root, [client]);
  const [isWriting, setWriting] = React.useState(false);
  const [problem, setProblem] = React.useState<Problem | null>(null);
  const rows = model.data?.notices;
  const write: IAction = {
    id: 'notices-write',
    label: 'Write a notice',
    look: 'primary',
    isEnabled: !isWriting,
    reason: isWriting ? 'You are writing one' : undefined,
    execute: () => setWriting(true)
  };
  useActions(host.actions, [
    write,
    {
      id: 'notices-refresh',
      label: 'Refresh',
      isEnabled: true,
      execute: () => void model.refresh()
    }
  ]);
  const change = (work: Promise<unknown>): void => {
    setProblem(null);
    work.then(
      () => void model.refresh(),
      reason => setProblem(Problem.from(reason))
    );
  };
  return (
    <div className="growth-Area growth-Notices" ref={root}>
      <Toolbar label="Notices" actions={[write]} polled={model} />
      {isWriting && (
        <Compose
          client={client}
          onClose={() => {
            setWriting(false);
            void model.refresh();
          }}
        />
      )}
      {problem && (
        <ProblemBanner
          problem={problem}
          doing="Changing the notice"
          onDismiss={() => setProblem(null)}
        />
      )}
      {model.problem && (
        <ProblemBanner
          problem={model.problem}
          doing="Listing notices"
          tone={rows ? 'warn' : 'error'}
          onRetry={() => void model.refresh()}
        />
      )}
      {model.data?.problems.map(said => (
        <p key={said} className="growth-Notice" role="status">
          {said}
        </p>
      ))}
      {!rows && !model.problem && <Skeleton what="notices" />}
      {rows?.length === 0 && !isWriting && (
        <EmptyState
          sentence="No notice is shown to students now."
          action={<Button label="Write a notice" look="primary" onClick={write.execute} />}
          runbook={RUNBOOK}
        />
      )}
      <ul className="growth-Notices-list">
        {rows?.map(row => (
          <NoticeCard key={row.notice.id} row={row} client={client} change={change} />
        ))}
      </ul>
    </div>
  );
}
