import * as React from 'react';

import type { IHost } from '../panel/host';
import { PlanDialog } from '../ui/plan-dialog';
import { PlanItems } from '../ui/plan-items';
import { CourtesyFields } from './courtesy-fields';
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

/** Return what the button says: the verb and the number, and that users are told before. */
function applyLabelOf({ plan, question }: IPlanned, names: readonly string[]): string {
  const label = labelOf(question.action, names);
  const isTold = plan.announcement !== '';
  return isTold ? `Warn, then ${label[0].toLowerCase()}${label.slice(1)}` : label;
}

/** Return whether a plan changes servers of others than who looks at it. */
function concernsOthers({ me }: IHost, names: readonly string[]): boolean {
  const own = me.server_name ? `${me.login}/${me.server_name}` : me.login;
  return names.some(name => name !== own);
}

/** A plan for servers, from the sentence over how it is done and the job to the receipt. */
export function PlanView({ host, planning, planned, onClose }: IPlanViewProps): JSX.Element {
  const { plan, question, session } = planned;
  const [isPaceUnsettled, setPaceUnsettled] = React.useState(false);
  const [isCourtesyUnsettled, setCourtesyUnsettled] = React.useState(false);
  const names = changedBy(plan);
  const { action } = question;
  return (
    <PlanDialog
      key={session}
      plan={plan}
      applyLabel={applyLabelOf(planned, names)}
      isDanger={action !== 'start'}
      isEmpty={names.length === 0}
      isBusy={planning.isAsking || isPaceUnsettled || isCourtesyUnsettled}
      apply={() => planning.apply()}
      api={host.api}
      replan={() => planning.again()}
      replanProblem={planning.problem}
      onClose={({ job, receipt }) => {
        planning.stop(receipt);
        onClose(job !== undefined);
      }}
    >
      <div className="growth-ServersPlan" aria-busy={planning.isAsking}>
        {action !== 'start' && concernsOthers(host, names) && (
          <CourtesyFields
            action={action}
            courtesy={plan.courtesy}
            problem={planning.problem}
            onCourtesy={courtesy => planning.again({ courtesy })}
            onUnsettled={setCourtesyUnsettled}
          />
        )}
        {names.length > 1 && (
          <PaceFields
            pace={plan.pace}
            hasCanaries={action !== 'stop'}
            onPace={pace => planning.again({ pace })}
            onUnsettled={setPaceUnsettled}
          />
        )}
        <PlanItems items={plan.items} />
      </div>
    </PlanDialog>
  );
}
