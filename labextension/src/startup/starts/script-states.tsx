import * as React from 'react';

import { StateBadge } from '../../ui/state-badge';
import { formatCount, formatSpan } from '../../ui/time';
import type { IScriptStart } from '../types';
import { SCRIPT_STATES, spellEnding } from './states';

const PROBLEMS: Record<string, string> = {
  crlf: 'Windows line ends (CRLF)',
  bom: 'a byte order mark in front of the first line',
  'no-shebang': 'no #! line',
  'not-executable': 'the execute bit is missing',
  'background-output': 'a background process kept the log open'
};

/** What each script did in one start. */
export function ScriptStates({ scripts }: { scripts: readonly IScriptStart[] }): JSX.Element {
  return (
    <ul className="growth-ScriptStates">
      {scripts.map(script => (
        <li key={script.name}>
          <ScriptState script={script} />
        </li>
      ))}
    </ul>
  );
}

function ScriptState({ script }: { script: IScriptStart }): JSX.Element {
  const { tone, word, meaning } = SCRIPT_STATES[script.state] ?? SCRIPT_STATES.unknown;
  const words = [
    spellEnding(script),
    typeof script.duration_s === 'number' && formatSpan(script.duration_s),
    script.revision && `r${script.revision}${script.is_old_revision ? ', not live any more' : ''}`,
    script.dropped_bytes > 0 && `${formatCount(script.dropped_bytes)} bytes of output dropped`,
    ...(script.problems ?? []).map(problem => PROBLEMS[problem] ?? problem)
  ].filter(Boolean);
  return (
    <>
      <b>{script.name}</b> <StateBadge tone={tone} word={word} title={meaning} />{' '}
      <span className="growth-Quiet">{words.join(' · ')}</span>
      {script.error && <code className="growth-ScriptStates-error">{script.error}</code>}
    </>
  );
}
