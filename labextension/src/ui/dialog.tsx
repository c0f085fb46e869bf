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
