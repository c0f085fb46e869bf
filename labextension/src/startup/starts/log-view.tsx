import * as React from 'react';

import { Button } from '../../ui/button';
import { useCopy } from '../../ui/copy';
import { ProblemBanner } from '../../ui/problem-banner';
import { Skeleton } from '../../ui/skeleton';
import { plural, RelativeTime } from '../../ui/time';
import { useAnswer } from '../../ui/use-answer';
import type { StartupClient } from '../client';
import type { ILogText } from '../types';
import { splitLog } from './log-lines';

export interface ILogViewProps {
  client: StartupClient;
  user: string;
  serverName: string;
  script: string;
  which: 0 | 1;
}

/** The end of one log. What came from stderr has a bar and a word beside it. */
export function LogView({ client, user, serverName, script, which }: ILogViewProps): JSX.Element {
  const { answer, problem, ask } = useAnswer(
    () => client.getStartLog(user, serverName, script, which),
    [user, serverName, script, which].join('/'),
    [client]
  );
  if (problem) {
    return (
      <ProblemBanner
        problem={problem}
        doing={`Reading the log of ${script}`}
        tone={problem.status === 404 ? 'warn' : 'error'}
        onRetry={ask}
      />
    );
  }
  return answer ? <LogText log={answer} /> : <Skeleton what={`the log of ${script}`} rows={4} />;
}

function LogText({ log }: { log: ILogText }): JSX.Element {
  const box = React.useRef<HTMLDivElement>(null);
  const [copied, copy] = useCopy();
  const runs = React.useMemo(() => splitLog(log.text, log.stderr_lines), [log]);
  const wrong = runs.filter(run => run.isStderr);
  React.useLayoutEffect(() => {
    const last = box.current?.querySelector<HTMLElement>('[data-last-stderr]');
    if (box.current) {
      box.current.scrollTop = last ? last.offsetTop - 24 : box.current.scrollHeight;
    }
  }, [runs]);
  return (
    <div className="growth-StartLog">
      <p className="growth-Quiet">
        <code>{log.name}</code>, written <RelativeTime time={log.written} />,{' '}
        {plural(log.size_bytes, 'byte')}
        {log.is_truncated && ', only its end is shown'}{' '}
        <Button
          label={copied ? 'Copied' : 'Copy'}
          look="link"
          icon="copy"
          onClick={() => copy(log.text)}
        />
      </p>
      {log.notes.map(note => (
        <p key={note} className="growth-Quiet">
          {note}
        </p>
      ))}
      {runs.length === 0 ? (
        <p className="growth-Empty">The log is empty: the script wrote nothing, or did not run.</p>
      ) : (
        <div
          ref={box}
          className="growth-Log growth-StartLog-text"
          tabIndex={0}
          role="region"
          aria-label={`Log ${log.name}`}
        >
          {runs.map(run => (
            <div
              key={run.firstLine}
              className="growth-StartLog-run"
              data-stderr={run.isStderr}
              data-last-stderr={run === wrong[wrong.length - 1] ? true : undefined}
            >
              {run.isStderr && <span className="growth-StartLog-stream">stderr</span>}
              {run.text}
            </div>
          ))}
        </div>
      )}
    </div>
  );
}
