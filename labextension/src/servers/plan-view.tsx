import * as React from 'react';

import type { IHost } from '../panel/host';
import { PlanDialog } from '../ui/plan-dialog';
import { PlanItems } from '../ui/plan-items';
import { ProblemBanner } from '../ui/problem-banner';
import { labelOf } from './model';
import { PaceFields } from './pace-fields';
import type { IPlanned, IPlanning } from './planning';
import type { IServerPlan } from './types';

const SKIPPED = 'skip';

/** Return the names of the servers that a plan changes. */
export function changedBy(plan: IServerPlan): string[] {
  return plan.items.filter(({ action }) => action !== SKIPPED).map(({ target }) => target);
}

interface IPlanViewProps {
  host: IHost;
  planning: IPlanning;
  planned: IPlanned;
  onClose(hasStarted: boolean): void;
}

/** A plan for servers, from the sentence over its pace and the job to the receipt. */
export function PlanView({ host, planning, planned, onClose }: IPlanViewProps): JSX.Element {
  const { plan, question, session } = planned;
  const [isUnsettled, setUnsettled] = React.useState(false);
  const names = changedBy(plan);
  return (
    <PlanDialog
      key={session}
      plan={plan}
      applyLabel={labelOf(question.action, names)}
      isDanger={question.action !== 'start'}
      isEmpty={names.length === 0}
      isBusy={planning.isAsking || isUnsettled}
      apply={() => planning.apply()}
      api={host.api}
      replan={() => planning.again()}
      onClose={({ job, receipt }) => {
        planning.stop(receipt);
        onClose(job !== undefined);
      }}
    >
      <div className="growth-ServersPlan" aria-busy={planning.isAsking}>
        {planning.problem && <ProblemBanner problem={planning.problem} doing="Planning again" />}
        {names.length > 1 && (
          <PaceFields
            pace={plan.pace}
            hasCanaries={question.action !== 'stop'}
            onPace={planning.again}
            onUnsettled={setUnsettled}
          />
        )}
        <PlanItems items={plan.items} />
      </div>
    </PlanDialog>
  );
}
