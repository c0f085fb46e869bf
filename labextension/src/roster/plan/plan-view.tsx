import * as React from 'react';

import type { IReceipt } from '../../api/types';
import type { IHost } from '../../panel/host';
import type { IDialogProps } from '../../ui/dialog';
import { Icon } from '../../ui/icons';
import { PlanDialog } from '../../ui/plan-dialog';
import { type IPlanned, type IPlanning, withLogin } from '../planning';
import { changesOf, labelOf, spellBudget } from '../words';
import { Steps } from './steps';

interface IPlanViewProps {
  host: IHost;
  planning: IPlanning;
  planned: IPlanned;
  /** What the button says that leaves everything as it is. */
  leaveLabel?: string;
  /** Instead of a dialog. */
  frame?: React.ComponentType<IDialogProps>;
  /** Called when it is closed; with a job when one was started. */
  onClose(outcome: { hasStarted: boolean; receipt?: IReceipt }): void;
}

/** A plan of the roster, from the sentence over the job to the receipt. */
export function PlanView(props: IPlanViewProps): JSX.Element {
  const { host, planning, planned, leaveLabel, frame, onClose } = props;
  const { plan, request } = planned;
  const isRemoving = (plan.counts.remove ?? 0) > 0;
  return (
    <PlanDialog
      key={plan.id}
      plan={plan}
      applyLabel={labelOf(plan)}
      isDanger={isRemoving}
      isEmpty={changesOf(plan) === 0}
      isBusy={planning.isAsking}
      leaveLabel={leaveLabel}
      frame={frame}
      apply={() => planning.apply()}
      api={host.api}
      replan={planning.again}
      replanProblem={planning.problem}
      onClose={({ job, receipt }) => {
        planning.close({ receipt });
        onClose({ hasStarted: job !== undefined, receipt });
      }}
    >
      <div className="growth-RosterPlan" aria-busy={planning.isAsking}>
        <Budget text={spellBudget(plan)} isShort={plan.queued > 0} />
        <Steps
          steps={plan.steps}
          onTake={(step, login) =>
            planning.start(withLogin(request, step, login), `Taking ${login} for ${step.login}`)
          }
        />
      </div>
    </PlanDialog>
  );
}

/** How many invitations there are left, and what happens to the rest. */
function Budget({ text, isShort }: { text: string; isShort: boolean }): JSX.Element | null {
  return text ? (
    <p className="growth-Warning growth-Budget">
      <Icon name={isShort ? 'warn' : 'info'} />
      <span>{text}</span>
    </p>
  ) : null;
}
