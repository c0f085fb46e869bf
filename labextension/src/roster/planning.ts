/** Planning who comes in and who goes: ask for a plan, look at it, change it, apply it. */

import * as React from 'react';

import { Problem } from '../api/problem';
import type { IJob, IReceipt } from '../api/types';
import type { IHost } from '../panel/host';
import { RosterClient } from './client';
import type { IEntry, IPerson, IPlanRequest, IRosterPlan } from './types';

export interface IPlanned {
  request: IPlanRequest;
  plan: IRosterPlan;
}

export interface IPlanning {
  /** The plan that is being looked at. */
  planned: IPlanned | null;
  /** A plan is being made. */
  isAsking: boolean;
  /** The plan was applied: its job runs, or has ended. */
  hasStarted: boolean;
  /** Why there is none, and what it was to do. */
  problem: Problem | null;
  doing: string;
  /** Make a plan; one that is still being made is forgotten. */
  start(request: IPlanRequest, doing: string): void;
  /** Plan the same again. */
  again(): void;
  apply(): Promise<{ job: IJob }>;
  close(outcome?: { receipt?: IReceipt }): void;
}

/** Return a request that brings these people into a team; empty: each into the own one. */
export function requestFor(people: readonly IPerson[], team = ''): IPlanRequest {
  return {
    team: team || people[0]?.team || '',
    entries: people.map(person => entryOf(person, team ? '' : person.team)),
    removals: [],
    is_whole_team: false,
    source: ''
  };
}

/** Return a request that takes these people out of a team. */
export function removalOf(people: readonly IPerson[], team: string): IPlanRequest {
  const removals = people.map(({ login, email }) => login || email).filter(Boolean);
  return { team, entries: [], removals, is_whole_team: false, source: '' };
}

function entryOf(person: IPerson, team: string): IEntry {
  const { name, email, login, github_id, note } = person;
  return { row: 0, name, email, login, github_id, team, note };
}

/** Return the request with another login for one person of it. */
export function withLogin(
  request: IPlanRequest,
  step: { row: number; login: string },
  login: string
): IPlanRequest {
  const isMeant = (entry: IEntry): boolean =>
    step.row > 0 ? entry.row === step.row : entry.login.toLowerCase() === step.login.toLowerCase();
  return {
    ...request,
    entries: request.entries.map(entry =>
      isMeant(entry) ? { ...entry, login, github_id: null } : entry
    )
  };
}

export function usePlanning(host: IHost): IPlanning {
  const { api, traits } = host;
  const [planned, setPlanned] = React.useState<IPlanned | null>(null);
  const [problem, setProblem] = React.useState<Problem | null>(null);
  const [doing, setDoing] = React.useState('');
  const [isAsking, setAsking] = React.useState(false);
  const [hasStarted, setStarted] = React.useState(false);
  const question = React.useRef<AbortController | null>(null);
  const client = React.useMemo(() => new RosterClient(api), [api]);
  React.useEffect(() => () => question.current?.abort(), []);
  const start: IPlanning['start'] = (request, what) => {
    question.current?.abort();
    const asked = new AbortController();
    question.current = asked;
    setProblem(null);
    setDoing(what);
    setAsking(true);
    client
      .plan(request, asked.signal)
      .then(
        plan => {
          if (!asked.signal.aborted) {
            traits.set('plan_id', plan.id);
            setPlanned({ request, plan });
          }
        },
        reason => !asked.signal.aborted && setProblem(Problem.from(reason))
      )
      .finally(() => !asked.signal.aborted && setAsking(false));
  };
  return {
    planned,
    isAsking,
    hasStarted,
    problem,
    doing,
    start,
    again: () => planned && start(planned.request, doing),
    apply: async () => {
      if (!planned) {
        throw new Problem({
          status: 0,
          title: 'There is no plan',
          detail: '',
          hint: 'Plan again.'
        });
      }
      const job = await client.apply(planned.plan, planned.request);
      traits.set('job_id', job.id);
      setStarted(true);
      return { job };
    },
    close: outcome => {
      question.current?.abort();
      if (outcome?.receipt) {
        traits.set('receipt', { ...outcome.receipt });
      }
      setAsking(false);
      setStarted(false);
      setPlanned(null);
      setProblem(null);
    }
  };
}
