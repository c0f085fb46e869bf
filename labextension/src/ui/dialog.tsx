import * as React from 'react';

import { Button } from './button';

export interface IDialogProps {
  title: string;
  /** Called by Escape and the cross; missing while it must not be closed. */
  onClose?(): void;
  children: React.ReactNode;
  /** Buttons, the one that is meant last. */
  footer?: React.ReactNode;
}

const FIRST = [
  '[data-focus-first]',
  '.growth-Dialog-body :is(input, select, textarea):not(:disabled)',
  '.growth-Dialog-footer .growth-Button.growth-mod-primary:not([aria-disabled="true"])',
  '.growth-Dialog-footer .growth-Button'
];

/**
 * Put the focus on what is meant: what says so, the first field, the primary button. By itself a
 * modal dialog focuses its first element, the cross; and React's own `autoFocus` comes too early,
 * before the dialog is open.
 */
function focusFirst(dialog: HTMLDialogElement | null): void {
  for (const selector of FIRST) {
    const found = dialog?.querySelector<HTMLElement>(selector);
    if (found) {
      found.focus();
      return;
    }
  }
}

/**
 * A modal dialog of the browser's own: it keeps the focus, closes on Escape and stands above
 * everything, in a panel as in the output of a cell.
 */
export function Dialog({ title, onClose, children, footer }: IDialogProps): JSX.Element {
  const dialog = React.useRef<HTMLDialogElement>(null);
  const id = React.useId();
  React.useEffect(() => {
    const element = dialog.current;
    const before = document.activeElement;
    element?.showModal();
    focusFirst(element);
    return () => {
      element?.close();
      if (before instanceof HTMLElement) {
        before.focus({ preventScroll: true });
      }
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      className="growth-Dialog"
      aria-labelledby={id}
      onCancel={event => {
        event.preventDefault();
        onClose?.();
      }}
      onKeyDown={event => event.stopPropagation()}
    >
      <header className="growth-Dialog-header">
        <h2 id={id}>{title}</h2>
        {onClose && <Button label="Close" icon="close" isIconOnly look="link" onClick={onClose} />}
      </header>
      <div className="growth-Dialog-body">{children}</div>
      {footer && <footer className="growth-Dialog-footer">{footer}</footer>}
    </dialog>
  );
}
