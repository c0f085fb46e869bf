/** What the actions start, and the dialogs that come of it. */

import * as React from 'react';

import type { IHost } from '../../panel/host';
import { copyText } from '../../ui/copy';
import { OffboardDialog } from '../dialogs/offboard-dialog';
import { RemindDialog } from '../dialogs/remind-dialog';
import { TeamDialog } from '../dialogs/team-dialog';
import type { IRoster } from '../model';
import { PlanView } from '../plan/plan-view';
import { type IPlanning, requestFor, usePlanning } from '../planning';
import type { IPerson } from '../types';
import type { IWork } from './actions';

type Asked =
  { what: 'team' | 'remind'; people: readonly IPerson[] } | { what: 'offboard'; person: IPerson };

export interface IRosterWork extends IWork {
  planning: IPlanning;
  /** What was done at once, in a sentence. */
  said: string;
  dismiss(): void;
  asked: Asked | null;
  leave(): void;
}

export function useRosterWork(host: IHost, importPeople: () => void): IRosterWork {
  const planning = usePlanning(host);
  const [said, setSaid] = React.useState('');
  const [asked, setAsked] = React.useState<Asked | null>(null);
  React.useEffect(() => {
    const timer = said ? window.setTimeout(() => setSaid(''), 8000) : undefined;
    return () => window.clearTimeout(timer);
  }, [said]);
  return {
    planning,
    said,
    dismiss: () => setSaid(''),
    asked,
    leave: () => setAsked(null),
    plan: (request, doing) => planning.start(request, doing),
    askTeam: people => setAsked({ what: 'team', people }),
    remind: people => setAsked({ what: 'remind', people }),
    offboard: person => setAsked({ what: 'offboard', person }),
    copy: (text, done) => void copyText(text).then(() => setSaid(done)),
    importPeople
  };
}

interface IRosterDialogsProps {
  host: IHost;
  work: IRosterWork;
  roster: IRoster | null;
  /** Called when something was done, or a job was started. */
  onChanged(): void;
}

/** The dialog that is open, if one is. */
export function RosterDialogs(props: IRosterDialogsProps): JSX.Element | null {
  const { host, work, roster, onChanged } = props;
  const { asked, planning } = work;
  if (planning.planned) {
    return (
      <PlanView
        host={host}
        planning={planning}
        planned={planning.planned}
        onClose={({ hasStarted }) => hasStarted && onChanged()}
      />
    );
  }
  if (!asked || !roster) {
    return null;
  }
  if (asked.what === 'offboard') {
    return (
      <OffboardDialog
        host={host}
        person={asked.person}
        organization={roster.organization}
        onClose={() => {
          work.leave();
          onChanged();
        }}
      />
    );
  }
  if (asked.what === 'remind') {
    return <RemindDialog people={asked.people} roster={roster} onClose={work.leave} />;
  }
  return (
    <TeamDialog
      people={asked.people}
      teams={roster.teams}
      onClose={work.leave}
      onChoose={team => {
        work.leave();
        work.plan(requestFor(asked.people, team), `Move to ${team}`);
      }}
    />
  );
}
