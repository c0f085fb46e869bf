import * as React from 'react';

import type { GrowthApi } from '../api/client';
import { Problem } from '../api/problem';
import type { IUndo } from '../api/types';
import { Button } from './button';
import { ProblemBanner } from './problem-banner';

type Step = 'offered' | 'asked' | 'running' | 'done';

/** Takes a change back, after a second click that says what it will do. */
export function UndoButton({ undo, api }: { undo: IUndo; api: GrowthApi }): JSX.Element {
  const [step, setStep] = React.useState<Step>('offered');
  const [problem, setProblem] = React.useState<Problem | null>(null);
  const run = (): void => {
    setStep('running');
    setProblem(null);
    api.undo(undo).then(
      () => setStep('done'),
      reason => {
        setProblem(Problem.from(reason));
        setStep('offered');
      }
    );
  };
  return (
    <div className="growth-Undo">
      {problem && <ProblemBanner problem={problem} doing={undo.title} />}
      {step === 'offered' && <Button label="Undo" onClick={() => setStep('asked')} />}
      {(step === 'asked' || step === 'running') && (
        <span role="group" aria-label="Undo">
          <Button
            label={undo.title}
            look="primary"
            isDisabled={step === 'running'}
            isFocusedFirst
            onClick={run}
          />
          <Button
            label="Leave it as it is"
            isDisabled={step === 'running'}
            onClick={() => setStep('offered')}
          />
        </span>
      )}
      {step === 'done' && (
        <span role="status">Undone. It stands in Changes as one of its own.</span>
      )}
    </div>
  );
}
