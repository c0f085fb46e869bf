import * as React from 'react';

/** Longest reason that the server takes. */
export const REASON_LIMIT = 500;

export interface IReasonFieldProps {
  label: string;
  hint?: string;
  value: string;
  onChange(value: string): void;
  onEnter?(): void;
  /** For the one field that is typed into first. */
  box?: React.RefObject<HTMLInputElement>;
  /** Its dialog opens with the focus in it, whatever else there is. */
  isFocusedFirst?: boolean;
}

/** Put the focus into a field once its dialog is open: opening gives it to the first button. */
export function useFocusFirst(): React.RefObject<HTMLInputElement> {
  const box = React.useRef<HTMLInputElement>(null);
  React.useEffect(() => box.current?.focus(), []);
  return box;
}

/** One line for a reason, with its label above. */
export function ReasonField(props: IReasonFieldProps): JSX.Element {
  return (
    <label className="growth-Reason">
      <span>{props.label}</span>
      <input
        ref={props.box}
        data-focus-first={props.isFocusedFirst || undefined}
        type="text"
        maxLength={REASON_LIMIT}
        placeholder={props.hint}
        value={props.value}
        onChange={event => props.onChange(event.target.value)}
        onKeyDown={event => {
          if (event.key === 'Enter' && !event.nativeEvent.isComposing) {
            event.preventDefault();
            props.onEnter?.();
          }
        }}
      />
    </label>
  );
}
