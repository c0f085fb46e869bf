import * as React from 'react';

import { Icon, type IconName } from '../ui/icons';
import { StateBadge } from '../ui/state-badge';
import { formatCount, formatSpan, plural } from '../ui/time';
import {
  asReport,
  countChanges,
  formatBytes,
  type IConclusion,
  type IFileChange,
  type IRehearsalReport,
  type IScriptRun
} from './report';

const ICONS: Record<IConclusion['severity'], IconName> = {
  error: 'error',
  warning: 'warn',
  info: 'info'
};

const MOST_FILES = 200;

/** What two starts in a throw-away root did: the conclusions first, then the figures and files. */
export function RehearsalReport({ report }: { report: unknown }): JSX.Element | null {
  const known = asReport(report);
  return known ? <Report report={known} /> : null;
}

function Report({ report }: { report: IRehearsalReport }): JSX.Element {
  const { conclusions, runs } = report;
  return (
    <>
      <ul className="growth-Conclusions">
        {conclusions.map((line, index) => (
          <li key={index}>
            <Icon name={ICONS[line.severity]} />
            <span className="growth-sr">{line.severity}: </span>
            <span>{line.text}</span>
          </li>
        ))}
      </ul>
      <Figures runs={runs} />
      {runs.map(run => (
        <RunFiles key={`${run.run} ${run.script}`} run={run} />
      ))}
      <p className="growth-Quiet">
        {`As ${report.student}, kept apart by ${report.isolation}${report.has_network ? '' : ', without network'}. `}
        {report.isolation_note}
      </p>
    </>
  );
}

const FIGURES: readonly { label: string; value(run: IScriptRun): React.ReactNode }[] = [
  { label: 'ended', value: run => <Ending run={run} /> },
  { label: 'took', value: run => formatSpan(run.duration_s) },
  { label: 'files created', value: run => formatCount(countChanges(run, 'created')) },
  { label: 'files changed', value: run => formatCount(countChanges(run, 'changed')) },
  { label: 'files deleted', value: run => formatCount(countChanges(run, 'deleted')) },
  {
    label: 'files grown again',
    value: run => (run.run === 1 ? '–' : formatCount(run.grown.length))
  },
  { label: 'written', value: run => formatBytes(run.written_bytes) },
  {
    label: 'output (stderr)',
    value: run => `${formatBytes(run.stdout_bytes)} (${formatBytes(run.stderr_bytes)})`
  },
  { label: 'processes left', value: run => formatCount(run.left_processes) }
];

function Figures({ runs }: { runs: readonly IScriptRun[] }): JSX.Element {
  const isOne = new Set(runs.map(run => run.script)).size === 1;
  return (
    <table className="growth-Runs">
      <thead>
        <tr>
          <td />
          {runs.map(run => (
            <th key={`${run.run} ${run.script}`} scope="col">
              {run.run === 1 ? 'first start' : 'second start'}
              {!isOne && `, ${run.script}`}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {FIGURES.map(({ label, value }) => (
          <tr key={label}>
            <th scope="row">{label}</th>
            {runs.map(run => (
              <td key={`${run.run} ${run.script}`}>{value(run)}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Ending({ run }: { run: IScriptRun }): JSX.Element {
  if (run.is_timed_out) {
    return <StateBadge tone="error" word="timed out" title={run.stopped_because} />;
  }
  if (run.stopped_because) {
    return <StateBadge tone="error" word="stopped" title={run.stopped_because} />;
  }
  if (run.signal !== null && run.signal !== undefined) {
    return <StateBadge tone="error" word={`signal ${run.signal}`} />;
  }
  return (
    <StateBadge tone={run.exit_code === 0 ? 'ok' : 'error'} word={`exit code ${run.exit_code}`} />
  );
}

/** The files of one run by what happened to them, and its output. */
function RunFiles({ run }: { run: IScriptRun }): JSX.Element | null {
  const which = run.run === 1 ? 'first start' : 'second start';
  const count = run.changes.length + run.dropped_changes;
  const hasDeletedWork = run.changes.some(change => change.kind === 'deleted' && change.is_work);
  if (count === 0 && run.stdout === '' && run.stderr === '') {
    return null;
  }
  return (
    <details className="growth-Files" open={hasDeletedWork}>
      <summary>
        {`${run.script}, ${which}: ${plural(count, 'file')} left different, and its output`}
      </summary>
      <ul>
        {run.changes.slice(0, MOST_FILES).map(change => (
          <li key={change.path}>
            <Change change={change} isGrown={run.grown.includes(change.path)} />
          </li>
        ))}
        {count > MOST_FILES && <li>{`and ${formatCount(count - MOST_FILES)} more`}</li>}
      </ul>
      <Output name="stdout" text={run.stdout} />
      <Output name="stderr" text={run.stderr} />
    </details>
  );
}

function Change({ change, isGrown }: { change: IFileChange; isGrown: boolean }): JSX.Element {
  const { path, kind, size_before_bytes: before, size_after_bytes: after } = change;
  const sizes = [before, after].filter(size => size !== null).map(size => formatBytes(size ?? 0));
  const isLoss = kind === 'deleted' && change.is_work;
  return (
    <>
      {isLoss ? <Icon name="error" /> : isGrown && <Icon name="warn" />}{' '}
      {`${kind}${isGrown ? ' and grown again' : ''}: ${path} (${sizes.join(' → ')})`}
      {isLoss && ", the student's own work"}
    </>
  );
}

function Output({ name, text }: { name: string; text: string }): JSX.Element | null {
  return text ? (
    <>
      <span className="growth-Quiet">{name}</span>
      <pre className="growth-Log" tabIndex={0} aria-label={name}>
        {text}
      </pre>
    </>
  ) : null;
}
