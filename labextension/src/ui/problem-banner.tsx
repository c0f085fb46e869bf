import * as React from 'react';

import type { Problem } from '../api/problem';
import { Button } from './button';
import { useCopy } from './copy';
import { Icon } from './icons';

export interface IProblemBannerProps {
  problem: Problem;
  /** What was being done: "Restarting 3 servers". Stands in front of the problem's title. */
  doing?: string;
  /** A warning is about something that still works. */
  tone?: 'error' | 'warn';
  onRetry?(): void;
  onDismiss?(): void;
}

/** What happened, to what, and what to do next; stays until it is answered. */
export function ProblemBanner(props: IProblemBannerProps): JSX.Element {
  const { problem, doing, tone = 'error' } = props;
  const [copied, copy] = useCopy();
  return (
    <div
      className={`growth-Problem growth-mod-${tone}`}
      role={tone === 'error' ? 'alert' : 'status'}
    >
      <Icon name={tone} />
      <div className="growth-Problem-text">
        <strong>{doing ? `${doing}: ${problem.title}` : problem.title}</strong>
        {problem.detail && problem.detail !== problem.title && <p>{problem.detail}</p>}
        {problem.errors.length > 0 && (
          <ul>
            {problem.errors.map((error, index) => (
              <li key={index}>
                {error.field && <code>{error.field}</code>} {error.message}
              </li>
            ))}
          </ul>
        )}
        {problem.hint && <p className="growth-Problem-hint">{problem.hint}</p>}
      </div>
      <div className="growth-Problem-actions">
        {props.onRetry && <Button label="Try again" onClick={props.onRetry} />}
        <Button
          label={copied ? 'Copied' : 'Copy details'}
          look="link"
          onClick={() => copy(problem.toText())}
        />
        {props.onDismiss && (
          <Button label="Dismiss" icon="close" isIconOnly look="link" onClick={props.onDismiss} />
        )}
      </div>
    </div>
  );
}
