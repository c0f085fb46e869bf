import * as React from 'react';

import type { IHost } from '../../panel/host';
import { Button } from '../../ui/button';
import { useModel } from '../../ui/polled';
import { ProblemBanner } from '../../ui/problem-banner';
import { type IStep, type StepState, Track } from '../../ui/track';
import { usePlanning } from '../planning';
import type { IPerson } from '../types';
import { ColumnsStep } from './columns-step';
import type { Draft, Step } from './draft';
import { PlanStep } from './plan-step';
import { SourceStep } from './source-step';

interface IWizardProps {
  host: IHost;
  draft: Draft;
  teams: readonly string[];
  people: readonly IPerson[];
  /** Called when it is left; true when a list was applied. */
  onClose(hasApplied: boolean): void;
}

const STEPS: readonly { id: Step; label: string }[] = [
  { id: 'source', label: 'List' },
  { id: 'columns', label: 'Columns' },
  { id: 'plan', label: 'Plan' }
];

/** Import in three steps; nothing happens before the plan is applied. */
export function Wizard({ host, draft, teams, people, onClose }: IWizardProps): JSX.Element {
  useModel(draft);
  const planning = usePlanning(host);
  React.useEffect(() => {
    if (draft.team === '' && teams.length > 0) {
      // The server names the most powerful team first: a list must not make admins by default.
      draft.choose({ team: teams[teams.length - 1] });
    }
  }, [draft, teams]);
  const plan = (): void => {
    draft.choose({ step: 'plan' });
    planning.start(draft.request, `Planning ${draft.title}`);
  };
  React.useEffect(() => {
    // Opened again at the plan: it is made again, for what GitHub says now.
    if (draft.step === 'plan') {
      plan();
    }
  }, []); // eslint-disable-line react-hooks/exhaustive-deps -- once, at its beginning
  return (
    <section className="growth-Wizard" aria-label="Import people">
      <header className="growth-Wizard-head">
        <Track label="Import people" steps={stepsOf(draft, planning.planned !== null)} />
        <span className="growth-Toolbar-space" />
        <Button
          label="Close the import"
          look="link"
          icon="close"
          title={draft.isBegun ? 'The list stays here until the panel is closed' : undefined}
          onClick={() => onClose(false)}
        />
      </header>
      {draft.problem && (
        <ProblemBanner
          problem={draft.problem}
          doing={`Reading ${draft.title}`}
          onRetry={draft.preview ? () => void draft.again() : undefined}
        />
      )}
      {draft.step === 'source' && <SourceStep draft={draft} />}
      {draft.step === 'columns' && <ColumnsStep draft={draft} teams={teams} onPlan={plan} />}
      {draft.step === 'plan' && (
        <PlanStep
          host={host}
          draft={draft}
          planning={planning}
          people={people}
          onPlan={plan}
          onDone={() => {
            draft.clear();
            onClose(true);
          }}
        />
      )}
    </section>
  );
}

function stepsOf(draft: Draft, isPlanned: boolean): IStep[] {
  const current = STEPS.findIndex(({ id }) => id === draft.step);
  return STEPS.map(({ id, label }, index) => {
    const state: StepState = index === current ? 'current' : index < current ? 'done' : 'next';
    const isOpen = id === 'columns' && draft.step === 'source' && draft.preview !== null;
    const canGo = (index < current && !(isPlanned && draft.step === 'plan')) || isOpen;
    return {
      id,
      label,
      state,
      note: id === 'columns' ? noteOf(draft) : undefined,
      onSelect: canGo ? () => draft.choose({ step: id }) : undefined
    };
  });
}

function noteOf(draft: Draft): string | undefined {
  const count = draft.preview?.problems.length ?? 0;
  return count > 0 ? `${count} to put right` : undefined;
}
