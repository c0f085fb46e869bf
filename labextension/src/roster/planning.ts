/** Planning who comes in and who goes: ask for a plan, look at it, change it, apply it. */

import * as React from 'react';

import type { IJob, IReceipt } from '../api/types';
import type { IHost } from '../panel/host';
import { type IAsking, noPlan, usePlan } from '../panel/use-plan';
import { RosterClient } from './client';
import type { IEntry, IPerson, IPlanRequest, IRosterPlan } from './types';

export interface IPlanned {
  request: IPlanRequest;
  plan: IRosterPlan;
}

export interface IPlanning extends IAsking {
  /** The plan that is being looked at. */
  planned: IPlanned | null;
  /** The plan was applied: its job runs, or has ended. */
  hasStarted: boolean;
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
  const { planned, isAsking, problem, doing, ask, close } = usePlan<IPlanned>(host);
  const [hasStarted, setStarted] = React.useState(false);
  const client = React.useMemo(() => new RosterClient(api), [api]);
  const start: IPlanning['start'] = (request, what) =>
    ask(async signal => ({ request, plan: await client.plan(request, signal) }), what);
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
        throw noPlan();
      }
      const job = await client.apply(planned.plan, planned.request);
      traits.set('job_id', job.id);
      setStarted(true);
      return { job };
    },
    close: outcome => {
      close(outcome?.receipt);
      setStarted(false);
    }
  };
}
