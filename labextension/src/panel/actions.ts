/** What the panel that is open can do now, so that commands, buttons and menus are one thing. */

import * as React from 'react';

/** Something a panel can do: a button, a line of the context menu and a command in one. */
export interface IAction {
  /** As in the command, without the prefix: `servers-restart`. */
  id: string;
  /** A verb with its object: "Restart 43 servers". */
  label: string;
  isEnabled: boolean;
  /** Shown as the tooltip; for a disabled action, why it is. */
  reason?: string;
  /** Draws the button as the one that is meant, or as one that destroys. */
  look?: 'primary' | 'danger';
  execute(): void;
}

/** The actions of one panel, as it last drew them. */
export class ActionRegistry {
  get(id: string): IAction | undefined {
    return this._actions.get(id);
  }

  /** Replace what `owner` offers; an empty list takes it away. */
  offer(owner: object, actions: readonly IAction[]): void {
    this._owners.set(owner, actions);
    if (actions.length === 0) {
      this._owners.delete(owner);
    }
    this._actions = new Map([...this._owners.values()].flat().map(action => [action.id, action]));
    this.onChanged();
  }

  /** Called after each change; Lab tells its command registry. */
  onChanged: () => void = () => undefined;

  private readonly _owners = new Map<object, readonly IAction[]>();
  private _actions = new Map<string, IAction>();
}

/** Offer these actions as commands while the component is on the page. */
export function useActions(registry: ActionRegistry, actions: readonly IAction[]): void {
  const owner = React.useRef({}).current;
  React.useEffect(() => registry.offer(owner, actions));
  React.useEffect(() => () => registry.offer(owner, []), [registry, owner]);
}
