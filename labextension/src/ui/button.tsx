import * as React from 'react';

import type { IAction } from '../panel/actions';
import { Icon, type IconName } from './icons';

export interface IButtonProps {
  label: string;
  onClick(): void;
  look?: 'primary' | 'danger' | 'plain' | 'link';
  icon?: IconName;
  isDisabled?: boolean;
  title?: string;
  /** Draw the icon only; the label is what a screen reader says. */
  isIconOnly?: boolean;
  isPressed?: boolean;
  /** For a button that unfolds what stands under it. */
  isExpanded?: boolean;
  isFocusedFirst?: boolean;
}

/** A button whose label is a verb with its object. A disabled one still says why when asked. */
export function Button(props: IButtonProps): JSX.Element {
  const { label, look = 'plain', icon, isDisabled = false, isIconOnly = false } = props;
  return (
    <button
      type="button"
      className={`growth-Button growth-mod-${look} ${isIconOnly ? 'growth-mod-icon' : ''}`}
      aria-disabled={isDisabled}
      aria-label={isIconOnly ? label : undefined}
      aria-pressed={props.isPressed}
      aria-expanded={props.isExpanded}
      autoFocus={props.isFocusedFirst}
      data-focus-first={props.isFocusedFirst || undefined}
      title={props.title ?? (isIconOnly ? label : undefined)}
      onClick={() => {
        if (!isDisabled) {
          props.onClick();
        }
      }}
    >
      {icon && <Icon name={icon} />}
      {!isIconOnly && <span>{label}</span>}
    </button>
  );
}

/** The button of an action; the same action stands in the palette and in the context menu. */
export function ActionButton({ action }: { action: IAction }): JSX.Element {
  return (
    <Button
      label={action.label}
      look={action.look}
      isDisabled={!action.isEnabled}
      title={action.reason}
      onClick={() => action.execute()}
    />
  );
}

/** Under the facts of one thing: what can be done with it now; what cannot is left out. */
export function DetailsActions({ actions }: { actions: readonly IAction[] }): JSX.Element {
  return (
    <div className="growth-Details-actions">
      {actions
        .filter(action => action.isEnabled)
        .map(action => (
          <ActionButton key={action.id} action={action} />
        ))}
    </div>
  );
}
