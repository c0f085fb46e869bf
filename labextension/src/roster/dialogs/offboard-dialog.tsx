import * as React from 'react';

import { Problem } from '../../api/problem';
import type { IPlan } from '../../api/types';
import type { IHost } from '../../panel/host';
import { Button } from '../../ui/button';
import { Dialog } from '../../ui/dialog';
import { PlanDialog } from '../../ui/plan-dialog';
import { ProblemBanner } from '../../ui/problem-banner';
import { RosterClient } from '../client';
import type { Home, IOffboardingRequest, IPerson } from '../types';
import { callOf } from '../words';

const HOMES: readonly { id: Home; label: string }[] = [
  { id: 'keep', label: 'Keep the home folder as it is' },
  { id: 'archive', label: 'Archive the home folder, then remove it' },
  { id: 'delete', label: 'Delete the home folder: nobody gets it back' }
];

interface IOffboardDialogProps {
  host: IHost;
  person: IPerson;
  organization: string;
  onClose(): void;
}

/** First the choices, then the plan for them, then what was done step by step. */
export function OffboardDialog(props: IOffboardDialogProps): JSX.Element {
  const { host, person, onClose } = props;
  const [request, setRequest] = React.useState<IOffboardingRequest>({
    key: person.key,
    home: 'keep',
    leaves_organization: false
  });
  const [plan, setPlan] = React.useState<IPlan | null>(null);
  const [problem, setProblem] = React.useState<Problem | null>(null);
  const [isAsking, setAsking] = React.useState(false);
  const client = React.useMemo(() => new RosterClient(host.api), [host.api]);
  const ask = (): void => {
    setAsking(true);
    setProblem(null);
    client
      .planOffboarding(request)
      .then(
        made => {
          host.traits.set('plan_id', made.id);
          setPlan(made);
        },
        reason => setProblem(Problem.from(reason))
      )
      .finally(() => setAsking(false));
  };
  if (plan) {
    return (
      <PlanDialog
        key={plan.id}
        plan={plan}
        applyLabel={`Offboard ${callOf(person)}`}
        isDanger
        leaveLabel="Back to the choices"
        api={host.api}
        replan={ask}
        replanProblem={problem}
        isBusy={isAsking}
        apply={async () => {
          const job = await client.offboard(plan, request);
          host.traits.set('job_id', job.id);
          return { job };
        }}
        onClose={({ job, receipt }) => {
          setPlan(null);
          if (job) {
            host.traits.set('receipt', { ...receipt });
            onClose();
          }
        }}
      />
    );
  }
  return (
    <Dialog
      title={`Offboard ${callOf(person)}`}
      onClose={onClose}
      footer={
        <>
          <Button label="Do nothing" onClick={onClose} isFocusedFirst />
          <Button
            label={isAsking ? 'Planning' : 'Show the plan'}
            look="primary"
            isDisabled={isAsking}
            onClick={ask}
          />
        </>
      }
    >
      {problem && <ProblemBanner problem={problem} doing="Planning the offboarding" />}
      <Choices {...props} request={request} onChange={setRequest} />
    </Dialog>
  );
}

interface IChoicesProps extends IOffboardDialogProps {
  request: IOffboardingRequest;
  onChange(request: IOffboardingRequest): void;
}

function Choices({ person, organization, request, onChange }: IChoicesProps): JSX.Element {
  return (
    <>
      <p className="growth-Dialog-note">
        Ends every access of {callOf(person)}: team, servers, tokens and hub user, in this order.
        Nothing happens before the plan.
      </p>
      <fieldset className="growth-Choices">
        <legend>Home folder</legend>
        {HOMES.map(({ id, label }) => (
          <label key={id}>
            <input
              type="radio"
              name="home"
              checked={request.home === id}
              onChange={() => onChange({ ...request, home: id })}
            />
            {label}
          </label>
        ))}
      </fieldset>
      <fieldset className="growth-Choices">
        <legend>At GitHub</legend>
        <label>
          <input
            type="checkbox"
            checked={request.leaves_organization}
            onChange={event => onChange({ ...request, leaves_organization: event.target.checked })}
          />
          <span>
            Also remove from the organization {organization}: private forks of its repositories are
            lost
          </span>
        </label>
      </fieldset>
    </>
  );
}
