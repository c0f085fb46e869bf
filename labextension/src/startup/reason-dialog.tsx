import * as React from 'react';

import { Problem } from '../api/problem';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { ProblemBanner } from '../ui/problem-banner';
import { ReasonField, useFocusFirst } from '../ui/reason-field';

export interface IReasonDialogProps {
  title: string;
  /** What the reason is for: "Why it is saved anyway". */
  label: string;
  hint?: string;
  initial?: string;
  /** Each a verb with its object; the last one is the one that is meant. */
  choices: readonly IReasonChoice[];
  cancelLabel: string;
  onClose(): void;
  children?: React.ReactNode;
}

export interface IReasonChoice {
  label: string;
  look?: 'primary' | 'danger' | 'plain';
  /** Does it; rejects with a Problem, which is shown in the dialog. */
  run(reason: string): Promise<unknown>;
}

/** Asks for a reason and does something with it; stays open while that fails. */
export function ReasonDialog(props: IReasonDialogProps): JSX.Element {
  const { choices } = props;
  const box = useFocusFirst();
  const [reason, setReason] = React.useState(props.initial ?? '');
  const [isBusy, setBusy] = React.useState(false);
  const [problem, setProblem] = React.useState<Problem | null>(null);
  const isReady = reason.trim() !== '' && !isBusy;
  const run = (choice: IReasonChoice): void => {
    setBusy(true);
    setProblem(null);
    choice
      .run(reason.trim())
      .catch(error => setProblem(Problem.from(error)))
      .finally(() => setBusy(false));
  };
  const last = choices[choices.length - 1];
  return (
    <Dialog
      title={props.title}
      onClose={props.onClose}
      footer={
        <>
          <Button label={props.cancelLabel} onClick={props.onClose} />
          {choices.map(choice => (
            <Button
              key={choice.label}
              label={choice.label}
              look={choice.look}
              isDisabled={!isReady}
              title={reason.trim() === '' ? 'Write the reason first' : undefined}
              onClick={() => run(choice)}
            />
          ))}
        </>
      }
    >
      {problem && <ProblemBanner problem={problem} doing={last.label} />}
      {props.children}
      <ReasonField
        label={props.label}
        hint={props.hint}
        value={reason}
        onChange={setReason}
        onEnter={() => isReady && run(last)}
        box={box}
      />
    </Dialog>
  );
}
