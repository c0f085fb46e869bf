import * as React from 'react';

import { formatBytes } from '../../ui/bytes';
import { Button } from '../../ui/button';

/** From so much on, sending it again takes more than a moment. */
const DEAR_BYTES = 64 * 1024 ** 2;

interface IDiscardButtonProps {
  label: string;
  /** What is on the server, and would have to be sent again. */
  sent_bytes: number;
  title?: string;
  isDisabled?: boolean;
  onDiscard(): void;
}

/** Takes an upload off the server; a large one after a second click that says how much is lost. */
export function DiscardButton(props: IDiscardButtonProps): JSX.Element {
  const { label, sent_bytes, onDiscard } = props;
  const [isAsked, setAsked] = React.useState(false);
  if (!isAsked || props.isDisabled) {
    return (
      <Button
        label={label}
        title={props.title}
        isDisabled={props.isDisabled}
        onClick={sent_bytes < DEAR_BYTES ? onDiscard : () => setAsked(true)}
      />
    );
  }
  return (
    <span role="group" aria-label={label} className="growth-Job-actions">
      <Button
        label={`Discard ${formatBytes(sent_bytes)}`}
        look="danger"
        onClick={() => {
          setAsked(false);
          onDiscard();
        }}
      />
      <Button label="Keep it" isFocusedFirst onClick={() => setAsked(false)} />
    </span>
  );
}
