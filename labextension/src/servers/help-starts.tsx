import * as React from 'react';

import { Button } from '../ui/button';
import { useCopy } from '../ui/copy';
import { StateBadge } from '../ui/state-badge';
import { formatSpan, plural, RelativeTime } from '../ui/time';
import type { ILogTail, IPastStart } from './types';
import { resultOf, spellImage } from './words';

/** The last starts of a server, newest first. */
export function PastStarts({ starts }: { starts: readonly IPastStart[] }): JSX.Element | null {
  if (starts.length === 0) {
    return null;
  }
  return (
    <section className="growth-Help-starts">
      <h4>Last starts</h4>
      <ol>
        {starts.map((start, index) => (
          <li key={start.id || index}>
            <details>
              <summary>
                <StateBadge {...resultOf(start.state)} />
                <RelativeTime time={start.started} />
                <span className="growth-Quiet">{start.error}</span>
              </summary>
              <ul>
                {start.scripts.map(script => (
                  <li key={script.name}>
                    <code>{script.name}</code> {script.state}
                    {script.revision !== null && `, r${script.revision}`}
                    {script.exit_code !== null && `, exit code ${script.exit_code}`}
                    {script.duration_s !== null && `, ${formatSpan(script.duration_s)}`}
                    {script.is_old_revision && ', not live any more'}
                    {script.error && `: ${script.error}`}
                  </li>
                ))}
                {start.image && <li>{spellImage(start.image, start.image_digest)}</li>}
                {start.candidate && <li>candidate {start.candidate}</li>}
              </ul>
            </details>
          </li>
        ))}
      </ol>
    </section>
  );
}

/** The ends of the logs of the last start. */
export function HelpLogs({ logs }: { logs: readonly ILogTail[] }): JSX.Element {
  return (
    <>
      {logs.map(log => (
        <details key={log.name} className="growth-Help-log">
          <summary>
            Log of {log.script}, <RelativeTime time={log.written} />
          </summary>
          <Tail log={log} />
        </details>
      ))}
    </>
  );
}

function Tail({ log }: { log: ILogTail }): JSX.Element {
  const [copied, copy] = useCopy();
  return (
    <>
      <p className="growth-Quiet">
        <code>{log.name}</code>, {plural(log.size_bytes, 'byte')}
        {log.is_truncated && ', its end'}; what looks like a secret is left out{' '}
        <Button
          label={copied ? 'Copied' : 'Copy'}
          look="link"
          icon="copy"
          onClick={() => copy(log.text)}
        />
      </p>
      {log.text ? (
        <div className="growth-Log" tabIndex={0} role="region" aria-label={`End of ${log.name}`}>
          {log.text}
        </div>
      ) : (
        <p className="growth-Empty">The log is empty: the script wrote nothing, or did not run.</p>
      )}
    </>
  );
}
