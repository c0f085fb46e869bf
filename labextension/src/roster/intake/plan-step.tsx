import * as React from 'react';

import type { IHost } from '../../panel/host';
import { Button } from '../../ui/button';
import type { IDialogProps } from '../../ui/dialog';
import { ProblemBanner } from '../../ui/problem-banner';
import { Skeleton } from '../../ui/skeleton';
import { plural } from '../../ui/time';
import { PlanView } from '../plan/plan-view';
import type { IPlanning } from '../planning';
import type { IPerson } from '../types';
import type { Draft } from './draft';
import { notOnList } from './words';

interface IPlanStepProps {
  host: IHost;
  draft: Draft;
  planning: IPlanning;
  people: readonly IPerson[];
  onPlan(): void;
  /** Called when the list was applied and what came of it is closed. */
  onDone(): void;
}

/** The plan of the list as a page of the wizard, with the choice that it depends on. */
export function PlanStep(props: IPlanStepProps): JSX.Element {
  const { host, draft, planning, onPlan, onDone } = props;
  const { planned, problem, isAsking } = planning;
  const goBack = (): void => {
    planning.close();
    draft.choose({ step: 'columns' });
  };
  return (
    <>
      {!planning.hasStarted && <Choice {...props} />}
      {problem && <ProblemBanner problem={problem} doing={planning.doing} onRetry={onPlan} />}
      {planned && !problem ? (
        <PlanView
          host={host}
          planning={planning}
          planned={planned}
          frame={Sheet}
          leaveLabel="Back to the list"
          onClose={({ hasStarted }) => (hasStarted ? onDone() : goBack())}
        />
      ) : (
        <>
          {isAsking && <Skeleton what="the plan" />}
          <footer className="growth-Wizard-footer">
            <span className="growth-Toolbar-space" />
            <Button label="Back to the list" onClick={goBack} />
          </footer>
        </>
      )}
    </>
  );
}

/** Whether the list says who is to come, or who is to be there at all. */
function Choice({ draft, people, planning, onPlan }: IPlanStepProps): JSX.Element {
  const { team } = draft;
  const others = React.useMemo(
    () => notOnList(people, team, draft.preview?.entries ?? []).length,
    [people, team, draft.preview]
  );
  const planned = planning.planned?.plan;
  const known = planned && planning.planned?.request.is_whole_team === true;
  const count = known ? (planned.counts.remove ?? 0) : others;
  const choose = (isWholeTeam: boolean): void => {
    planning.close(); // what is shown is never another plan than the one chosen
    draft.choose({ isWholeTeam });
    onPlan();
  };
  return (
    <fieldset className="growth-Choices growth-mod-row">
      <legend className="growth-sr">What the list stands for</legend>
      <label>
        <input
          type="radio"
          name="list"
          checked={!draft.isWholeTeam}
          onChange={() => choose(false)}
        />
        Add these people
      </label>
      <label>
        <input type="radio" name="list" checked={draft.isWholeTeam} onChange={() => choose(true)} />
        <span>
          This is the whole team: remove whoever is not on it{' '}
          <b>
            ({plural(count, 'person', 'people')} of {team})
          </b>
        </span>
      </label>
    </fieldset>
  );
}

/** A page of the wizard with the parts of a dialog. */
function Sheet({ title, children, footer }: IDialogProps): JSX.Element {
  return (
    <section className="growth-Sheet" aria-label={title}>
      <h2>{title}</h2>
      <div className="growth-Wizard-body">{children}</div>
      {footer && <footer className="growth-Wizard-footer">{footer}</footer>}
    </section>
  );
}
