import * as React from 'react';

import { Button } from '../ui/button';
import { DiffView } from '../ui/diff-view';
import { ProblemBanner } from '../ui/problem-banner';
import { Skeleton } from '../ui/skeleton';
import { useAnswer } from '../ui/use-answer';
import { toEditor } from './line-ends';
import type { ScriptModel } from './script-model';
import { useLate } from './use-late';

const PAUSE_MS = 500;

/** What would change for the class: the live text beside what stands in the editor. */
export function DiffToLive({ model }: { model: ScriptModel }): JSX.Element {
  const { script, edited, liveText } = model;
  const text = useLate(edited.text, PAUSE_MS);
  const live = script?.live_revision ? `live: r${script.live_revision}` : 'live';
  const number = edited.base.number;
  const saved = number > 0 ? `in the editor: r${number}` : 'in the editor: nothing yet';
  const after = model.isDirty ? 'in the editor, not saved' : saved;
  return (
    <DiffView
      before={toEditor(liveText)}
      after={toEditor(text)}
      beforeLabel={script?.is_present ? live : 'nothing is live'}
      afterLabel={after}
      path={model.name}
    />
  );
}

export interface IComparisonProps {
  model: ScriptModel;
  /** Numbers of two revisions, the older one first. */
  pair: readonly [number, number];
  onClose(): void;
}

/** Any two revisions side by side. */
export function Comparison({ model, pair, onClose }: IComparisonProps): JSX.Element {
  const [before, after] = pair;
  const { answer: difference, problem } = useAnswer(
    () => model.client.getDifference(model.name, before, after),
    `${before}..${after}`,
    [model]
  );
  return (
    <>
      <div className="growth-Comparison-bar">
        <Button
          label="Back to the history"
          icon="left"
          look="link"
          onClick={onClose}
          isFocusedFirst
        />
      </div>
      {problem && <ProblemBanner problem={problem} doing={`Comparing r${before} and r${after}`} />}
      {difference ? (
        <DiffView
          before={toEditor(difference.before_text)}
          after={toEditor(difference.after_text)}
          beforeLabel={`r${before}, by ${difference.before.author}`}
          afterLabel={`r${after}, by ${difference.after.author}`}
          path={model.name}
        />
      ) : (
        !problem && <Skeleton what="the difference" rows={4} />
      )}
    </>
  );
}
