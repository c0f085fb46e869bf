import * as React from 'react';

import { Button } from '../ui/button';
import { StateBadge } from '../ui/state-badge';
import { TONES, WORDS } from './model';
import type { ILine } from './types';

interface ILineProps {
  line: ILine;
  /** A request is under way: none is put meanwhile. */
  isAsking: boolean;
  /** Opens the panel that mends it; without it there is none that this user may open. */
  onMend?(): void;
}

/** One line: state, sentence, what mends it; its details unfold. */
export function Line({ line, isAsking, onMend }: ILineProps): JSX.Element {
  const isMendable = Boolean(line.mend && onMend);
  const more = [...(line.details ?? []), ...(line.hint && isMendable ? [line.hint] : [])];
  return (
    <li className="growth-DayLine" data-state={line.state}>
      <span className="growth-DayLine-state">
        <StateBadge tone={TONES[line.state]} word={line.title} title={WORDS[line.state]} />
        <span className="growth-DayLine-spoken">{WORDS[line.state]}</span>
      </span>
      <div className="growth-DayLine-text">
        <span>{line.sentence}</span>
        {line.hint && !isMendable && <span className="growth-DayLine-lacks">{line.hint}</span>}
        {line.lacks && <span className="growth-DayLine-lacks">{`Lacks ${line.lacks}.`}</span>}
        {more.length > 0 && (
          <details>
            <summary>{`More about ${line.title.toLowerCase()}`}</summary>
            <ul>
              {more.map((text, index) => (
                <li key={index}>{text}</li>
              ))}
            </ul>
          </details>
        )}
      </div>
      {line.mend && onMend && (
        <Button
          label={line.mend.label}
          isDisabled={isAsking && line.mend.request !== ''}
          onClick={onMend}
        />
      )}
    </li>
  );
}
