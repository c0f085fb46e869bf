import * as React from 'react';

import type { IHost } from '../panel/host';
import { PlanDialog } from '../ui/plan-dialog';
import { ProblemBanner } from '../ui/problem-banner';
import { type IPlanning, labelOf } from './planning';

interface IPlanViewProps {
  host: IHost;
  planning: IPlanning;
  onClosed(): void;
}

/** The plan that is being looked at, or why there is none. */
export function PlanView({ host, planning, onClosed }: IPlanViewProps): JSX.Element {
  const { planned, problem, doing } = planning;
  return (
    <>
      {problem && !planned && (
        <ProblemBanner problem={problem} doing={doing} onDismiss={() => planning.close()} />
      )}
      {planned && (
        <PlanDialog
          key={planned.plan.id}
          plan={planned.plan}
          applyLabel={labelOf(planned.change)}
          isDanger={planned.change.action === 'delete'}
          apply={() => planning.apply()}
          api={host.api}
          replan={planning.again}
          replanProblem={problem}
          isBusy={planning.isAsking}
          onClose={outcome => {
            planning.close(outcome);
            onClosed();
          }}
        />
      )}
    </>
  );
}
