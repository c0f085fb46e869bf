import * as React from 'react';

import type { IAction } from '../../panel/actions';
import { ActionButton, Button } from '../../ui/button';
import { ProblemBanner } from '../../ui/problem-banner';
import { Skeleton } from '../../ui/skeleton';
import { StateBadge } from '../../ui/state-badge';
import { formatSpan, RelativeTime } from '../../ui/time';
import { useAnswer } from '../../ui/use-answer';
import type { StartupClient } from '../client';
import { type IStart, type IStartRow, SCRIPTS } from '../types';
import { LogView } from './log-view';
import { ScriptStates } from './script-states';
import { spellFault, spellImage, START_STATES } from './states';

export interface IDetailsProps {
  client: StartupClient;
  row: IStartRow;
  restart: IAction;
  /** Called with true when the details are shown, and with false when they are put away. */
  onShown(isShown: boolean): void;
}

interface IChosenLog {
  script: string;
  which: 0 | 1;
}

/** One server: its starts, which script failed and how, and the logs. */
export function StartDetails({ client, row, restart, onShown }: IDetailsProps): JSX.Element {
  const [log, setLog] = React.useState<IChosenLog | null>(() => firstLog(row));
  const { user, server_name: serverName } = row;
  React.useEffect(() => {
    onShown(true);
    return () => onShown(false);
  }, [onShown]);
  return (
    <div className="growth-StartDetails">
      {row.is_hub_user === false && (
        <p className="growth-Notice">The hub knows no user of this name any more.</p>
      )}
      {row.state === 'never-started' ? (
        <p className="growth-Quiet">{START_STATES['never-started'].meaning}</p>
      ) : (
        <>
          <StartFacts start={row} />
          <div className="growth-Details-actions">
            <ActionButton action={restart} />
          </div>
        </>
      )}
      {row.notes.map(note => (
        <p key={note} className="growth-Quiet">
          {note}
        </p>
      ))}
      <LogChoice row={row} chosen={log} onChoose={setLog} />
      {log && (
        <LogView
          key={`${log.script} ${log.which} ${row.id}`}
          client={client}
          user={user}
          serverName={serverName}
          script={log.script}
          which={log.which}
        />
      )}
      {row.starts_known > 0 && <History client={client} row={row} />}
    </div>
  );
}

/** The log one looks for first: that of the script that went wrong. */
function firstLog(row: IStartRow): IChosenLog | null {
  const logged = row.scripts.filter(script => script.log);
  const wanted = logged.find(script => script.name === row.script) ?? logged[logged.length - 1];
  return wanted ? { script: wanted.name, which: 0 } : null;
}

function StartFacts({ start }: { start: IStart }): JSX.Element {
  const { tone, word, meaning } = START_STATES[start.state];
  return (
    <>
      <p className="growth-StartFacts">
        <StateBadge tone={tone} word={word} title={meaning} />
        <span>
          <RelativeTime time={start.started} />
          {start.duration_s !== null && `, took ${formatSpan(start.duration_s)}`}
          {start.image && `, ${spellImage(start)}`}
          {start.candidate && `, candidate ${start.candidate}`}
          {start.is_old_revision && ', with scripts that are not live any more'}
          {start.source === 'log' && ', known from a plain log only'}
        </span>
      </p>
      {start.scripts.length > 0 ? (
        <ScriptStates scripts={start.scripts} />
      ) : (
        start.error && <p>{spellFault(start)}</p>
      )}
    </>
  );
}

interface ILogChoiceProps {
  row: IStartRow;
  chosen: IChosenLog | null;
  onChoose(log: IChosenLog): void;
}

/** The logs there are: of the last start, and of the one before. */
function LogChoice({ row, chosen, onChoose }: ILogChoiceProps): JSX.Element | null {
  const all = SCRIPTS.flatMap((name): { log: IChosenLog; label: string }[] => {
    const script = row.scripts.find(part => part.name === name);
    return [
      ...(script?.log ? [{ log: { script: name, which: 0 as const }, label: name }] : []),
      ...(script?.has_previous_log
        ? [{ log: { script: name, which: 1 as const }, label: `${name}, start before` }]
        : [])
    ];
  });
  if (all.length === 0) {
    return null;
  }
  return (
    <div className="growth-LogChoice" role="group" aria-label="Logs">
      <span>Log of</span>
      {all.map(({ log, label }) => (
        <Button
          key={label}
          label={label}
          isPressed={chosen?.script === log.script && chosen.which === log.which}
          onClick={() => onChoose(log)}
        />
      ))}
    </div>
  );
}

/** Earlier starts of the same server, newest first. */
function History({ client, row }: { client: StartupClient; row: IStartRow }): JSX.Element {
  const { user, server_name: serverName, id } = row;
  const { answer: history, problem } = useAnswer(
    () => client.getStarts(user, serverName),
    `${user}/${serverName}`,
    [client, id]
  );
  const earlier = history?.starts.slice(1) ?? [];
  return (
    <section className="growth-StartHistory">
      <h4>Starts before</h4>
      {problem && <ProblemBanner problem={problem} doing="Reading the starts before" tone="warn" />}
      {!history && !problem && <Skeleton what="the starts before" rows={3} />}
      {history && earlier.length === 0 && <p className="growth-Quiet">No other start is known.</p>}
      <ol>
        {earlier.map((start, index) => (
          <li key={start.id || index}>
            <details>
              <summary>
                <StateBadge
                  {...START_STATES[start.state]}
                  title={START_STATES[start.state].meaning}
                />
                <RelativeTime time={start.started} />
                <span className="growth-Quiet">{spellFault(start)}</span>
              </summary>
              <StartFacts start={start} />
            </details>
          </li>
        ))}
      </ol>
      {history?.notes.map(note => (
        <p key={note} className="growth-Quiet">
          {note}
        </p>
      ))}
    </section>
  );
}
