import * as React from 'react';

import { Icon, type IconName } from '../ui/icons';
import { ProblemBanner } from '../ui/problem-banner';
import { plural } from '../ui/time';
import type { Linter } from './linter';
import type { IFinding } from './types';

const ICONS: Record<IFinding['severity'], IconName> = {
  error: 'error',
  warning: 'warn',
  info: 'info'
};

/** "2 errors, 1 warning"; what was not found is left out. */
export function spellFindings(findings: readonly IFinding[]): string {
  const count = (severity: IFinding['severity']): number =>
    findings.filter(finding => finding.severity === severity).length;
  const words = [
    count('error') > 0 && plural(count('error'), 'error'),
    count('warning') > 0 && plural(count('warning'), 'warning'),
    count('info') > 0 && plural(count('info'), 'remark')
  ].filter(Boolean);
  return words.join(', ') || 'nothing found';
}

export interface IChecksProps {
  linter: Linter;
  onGoTo(line: number): void;
  /** Checks again, after a check could not run. */
  onRetry?(): void;
}

/** What the lint says about the text in the editor; a click goes to the line. */
export function Checks({ linter, onGoTo, onRetry }: IChecksProps): JSX.Element {
  const { findings, isCurrent, problem } = linter;
  return (
    <section className="growth-Checks" aria-label="Checks">
      <header className="growth-Checks-head">
        <strong>Checks</strong>
        <span role="status">
          {!isCurrent ? 'checking' : problem ? 'could not run' : spellFindings(findings)}
        </span>
      </header>
      {problem && (
        <ProblemBanner problem={problem} doing="Checking the text" tone="warn" onRetry={onRetry} />
      )}
      <FindingList findings={findings} onGoTo={onGoTo} />
      {isCurrent && !problem && findings.length === 0 && (
        <p className="growth-Quiet growth-Checks-none">
          <Icon name="ok" /> No check has anything to say about this text.
        </p>
      )}
    </section>
  );
}

/** Findings in the order of the lines. Without `onGoTo` they are only read. */
export function FindingList(props: {
  findings: readonly IFinding[];
  onGoTo?(line: number): void;
}): JSX.Element {
  const { findings, onGoTo } = props;
  return (
    <ul className="growth-Findings">
      {findings.map((finding, index) => (
        <li key={`${finding.line}-${finding.rule}-${index}`}>
          {onGoTo ? (
            <button
              type="button"
              onClick={() => onGoTo(finding.line)}
              title={`Go to line ${finding.line} (${finding.rule})`}
            >
              <FindingText finding={finding} />
            </button>
          ) : (
            <div className="growth-Finding">
              <FindingText finding={finding} />
            </div>
          )}
        </li>
      ))}
    </ul>
  );
}

function FindingText({ finding }: { finding: IFinding }): JSX.Element {
  const { line, severity, message, hint } = finding;
  return (
    <>
      <Icon name={ICONS[severity]} />
      <span className="growth-sr">{severity}: </span>
      <span className="growth-Finding-where">{line > 0 ? `line ${line}` : 'whole file'}</span>
      <span className="growth-Finding-message">{message}</span>
      {hint && <span className="growth-Finding-hint">→ {hint}</span>}
    </>
  );
}
