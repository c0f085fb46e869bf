import * as React from 'react';

export interface IEmptyStateProps {
  /** One sentence: what is not there, and why. */
  sentence: string;
  /** The one thing to do about it. */
  action?: React.ReactNode;
  /** File name of the runbook in admin-notebooks. */
  runbook?: string;
}

/** In place of a table without rows. */
export function EmptyState({ sentence, action, runbook }: IEmptyStateProps): JSX.Element {
  return (
    <div className="growth-Empty" role="status">
      <p>{sentence}</p>
      {action}
      {runbook && (
        <p className="growth-Empty-runbook">
          Runbook: <code>admin-notebooks/{runbook}</code>
        </p>
      )}
    </div>
  );
}
