import * as React from 'react';

import { Button } from '../../ui/button';
import { Icon } from '../../ui/icons';
import { MiddleText } from '../../ui/middle-text';
import { StateBadge } from '../../ui/state-badge';
import { formatCount } from '../../ui/time';
import type { IStep, StepAction } from '../types';
import { ACTION_NAMES, ACTIONS, spellLeft } from '../words';

const SHOWN = 100;
const FEW = 8;
const ALWAYS_OPEN: readonly StepAction[] = ['remove', 'unknown', 'blocked'];

interface IStepsProps {
  steps: readonly IStep[];
  /** Take another login for somebody GitHub does not know; without it there are no suggestions. */
  onTake?(step: IStep, login: string): void;
}

/** Who and why, grouped by what happens to them: first what changes, last what stays. */
export function Steps({ steps, onTake }: IStepsProps): JSX.Element {
  const groups = ACTION_NAMES.map(action => ({
    action,
    steps: steps.filter(step => step.action === action)
  })).filter(group => group.steps.length > 0);
  return (
    <div className="growth-Steps">
      {groups.map(group => (
        <Group key={group.action} {...group} isFew={steps.length <= FEW} onTake={onTake} />
      ))}
    </div>
  );
}

interface IGroupProps extends IStepsProps {
  action: StepAction;
  isFew: boolean;
}

function Group({ action, steps, isFew, onTake }: IGroupProps): JSX.Element {
  const [isOpen, setOpen] = React.useState(isFew || ALWAYS_OPEN.includes(action));
  const [shown, setShown] = React.useState(SHOWN);
  const { tone, one, many } = ACTIONS[action];
  const hidden = steps.length - shown;
  return (
    <section className={`growth-Steps-group growth-mod-${tone}`} data-action={action}>
      <button
        type="button"
        className="growth-PlanItems-head"
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
      >
        <Icon name={isOpen ? 'down' : 'right'} />
        <StateBadge
          tone={tone}
          word={`${formatCount(steps.length)} ${steps.length === 1 ? one : many}`}
        />
      </button>
      {isOpen && (
        <ul>
          {steps.slice(0, shown).map((step, index) => (
            <StepLine key={index} step={step} onTake={onTake} />
          ))}
          {hidden > 0 && (
            <li>
              <Button
                label={`Show ${formatCount(Math.min(hidden, SHOWN))} more of ${formatCount(hidden)}`}
                look="link"
                onClick={() => setShown(shown + SHOWN)}
              />
            </li>
          )}
        </ul>
      )}
    </section>
  );
}

function StepLine({ step, onTake }: { step: IStep } & Pick<IStepsProps, 'onTake'>): JSX.Element {
  const { name, login, email, reason, from_team: from, days_left: days, row } = step;
  const target = login || email;
  const facts = [
    reason,
    from && !reason.includes(from) && `from ${from}`,
    typeof days === 'number' && !reason.includes('left') && spellLeft(days)
  ].filter(Boolean);
  return (
    <li>
      <span className="growth-Steps-who">
        <MiddleText text={name || target} />
        {name && <MiddleText text={target} />}
      </span>
      <span className="growth-Steps-why">
        {facts.join(', ')}
        {row > 0 && <span className="growth-Steps-row"> row {row}</span>}
        {onTake && step.suggestions.length > 0 && (
          <span className="growth-Steps-suggestions">
            {step.suggestions.map(suggestion => (
              <Button
                key={suggestion}
                label={`Take ${suggestion}`}
                title={`Plan again with ${suggestion} instead of ${target}`}
                onClick={() => onTake(step, suggestion)}
              />
            ))}
          </span>
        )}
      </span>
    </li>
  );
}
