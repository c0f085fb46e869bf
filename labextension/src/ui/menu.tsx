import * as React from 'react';

import type { IAction } from '../panel/actions';

export interface IMenuProps {
  label: string;
  actions: readonly IAction[];
  /** Where the pointer or the row is, in px of the browser's window. */
  x: number;
  y: number;
  onClose(): void;
}

/** A context menu after the ARIA pattern; it closes on choice, Escape, Tab and a click elsewhere. */
export function Menu({ label, actions, x, y, onClose }: IMenuProps): JSX.Element {
  const menu = React.useRef<HTMLUListElement>(null);
  const [place, setPlace] = React.useState({ left: x, top: y });
  React.useLayoutEffect(() => {
    const list = menu.current;
    if (!list) {
      return;
    }
    // The browser's top layer: no scrolling cell or panel cuts it off.
    list.setAttribute('popover', 'manual');
    list.showPopover?.();
    const box = list.getBoundingClientRect();
    setPlace({
      left: Math.max(4, Math.min(x, window.innerWidth - box.width - 4)),
      top: Math.max(4, Math.min(y, window.innerHeight - box.height - 4))
    });
    list.querySelector<HTMLElement>('[role="menuitem"]')?.focus();
  }, [x, y]);
  React.useEffect(() => {
    const onDown = (event: Event): void => {
      if (!menu.current?.contains(event.target as Node)) {
        onClose();
      }
    };
    document.addEventListener('pointerdown', onDown, true);
    window.addEventListener('blur', onClose);
    return () => {
      document.removeEventListener('pointerdown', onDown, true);
      window.removeEventListener('blur', onClose);
    };
  }, [onClose]);
  const move = (event: React.KeyboardEvent, step: number | 'first' | 'last'): void => {
    event.preventDefault();
    const items = [...(menu.current?.querySelectorAll<HTMLElement>('[role="menuitem"]') ?? [])];
    const here = items.indexOf(document.activeElement as HTMLElement);
    const next = step === 'first' ? 0 : step === 'last' ? items.length - 1 : here + step;
    items[(next + items.length) % items.length]?.focus();
  };
  return (
    <ul
      ref={menu}
      className="growth-Menu"
      role="menu"
      aria-label={label}
      style={place}
      onContextMenu={event => event.preventDefault()}
      onKeyDown={event => {
        event.stopPropagation();
        if (event.key === 'ArrowDown') {
          move(event, 1);
        } else if (event.key === 'ArrowUp') {
          move(event, -1);
        } else if (event.key === 'Home') {
          move(event, 'first');
        } else if (event.key === 'End') {
          move(event, 'last');
        } else if (event.key === 'Escape' || event.key === 'Tab') {
          event.preventDefault();
          onClose();
        }
      }}
    >
      {actions.map(action => (
        <li key={action.id} role="none">
          <button
            type="button"
            role="menuitem"
            tabIndex={-1}
            aria-disabled={!action.isEnabled}
            title={action.reason}
            onClick={() => {
              if (action.isEnabled) {
                onClose();
                action.execute();
              }
            }}
          >
            {action.label}
          </button>
        </li>
      ))}
    </ul>
  );
}
