/** A check that was made by hand, kept beside those that ran by themselves. */

import * as React from 'react';

import { Problem } from '../api/problem';
import type { IHost } from '../panel/host';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { ProblemBanner } from '../ui/problem-banner';
import { ReasonField } from '../ui/reason-field';
import { ImagesClient } from './client';
import type { Check } from './types';
import { type IImageRow, nameOf } from './words';

const CHECKS: Record<Check, string> = {
  smoke: 'Smoke: what students need can be imported and runs',
  canary: 'Canary: a server started with it, and worked'
};

interface IRecordDialogProps {
  host: IHost;
  row: IImageRow;
  onClose(): void;
}

export function RecordDialog({ host, row, onClose }: IRecordDialogProps): JSX.Element {
  const first = row.gate.missing[0] ?? row.gate.failed[0] ?? 'smoke';
  const [check, setCheck] = React.useState<Check>(first);
  const [hasPassed, setPassed] = React.useState<boolean | null>(null);
  const [detail, setDetail] = React.useState('');
  const [isBusy, setBusy] = React.useState(false);
  const [problem, setProblem] = React.useState<Problem | null>(null);
  const lacks =
    hasPassed === null ? 'Say whether it passed' : detail.trim() === '' ? 'Say what was seen' : '';
  const record = (): void => {
    setBusy(true);
    setProblem(null);
    new ImagesClient(host.api)
      .addResult(row.digest, {
        check,
        is_passed: hasPassed === true,
        detail: detail.trim(),
        job_id: ''
      })
      .then(onClose, reason => {
        setProblem(Problem.from(reason));
        setBusy(false);
      });
  };
  return (
    <Dialog
      title={`Record a check of ${nameOf(row)}`}
      onClose={onClose}
      footer={
        <>
          <Button label="Record nothing" onClick={onClose} />
          <Button
            label="Record the check"
            look="primary"
            isDisabled={isBusy || lacks !== ''}
            title={lacks || undefined}
            onClick={record}
          />
        </>
      }
    >
      {problem && <ProblemBanner problem={problem} doing="Recording the check" />}
      <Choices<Check>
        legend="Which check"
        choices={(Object.keys(CHECKS) as Check[]).map(id => ({ id, label: CHECKS[id] }))}
        chosen={check}
        onChoose={setCheck}
      />
      <Choices
        legend="How it went"
        choices={[
          { id: 'passed', label: 'It passed' },
          { id: 'failed', label: 'It failed' }
        ]}
        chosen={hasPassed === null ? '' : hasPassed ? 'passed' : 'failed'}
        onChoose={result => setPassed(result === 'passed')}
      />
      <ReasonField
        label="What was checked, or why it failed"
        hint="all imports of notebook 3, on my canary"
        value={detail}
        onChange={setDetail}
        onEnter={() => !isBusy && lacks === '' && record()}
      />
      <p className="growth-Dialog-note">
        It is kept with your name. The newest result of each check counts for a promotion.
      </p>
    </Dialog>
  );
}

interface IChoicesProps<T extends string> {
  legend: string;
  choices: readonly { id: T; label: string }[];
  chosen: T | '';
  onChoose(id: T): void;
}

function Choices<T extends string>(props: IChoicesProps<T>): JSX.Element {
  const name = React.useId();
  return (
    <fieldset className="growth-Choices">
      <legend>{props.legend}</legend>
      {props.choices.map(({ id, label }) => (
        <label key={id}>
          <input
            type="radio"
            name={name}
            checked={props.chosen === id}
            onChange={() => props.onChoose(id)}
          />{' '}
          {label}
        </label>
      ))}
    </fieldset>
  );
}
