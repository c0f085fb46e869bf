/** Who belongs to the school, asked again and again while somebody looks. */

import type { GrowthApi } from '../api/client';
import { Polled } from '../ui/polled';
import { RosterClient } from './client';
import type { IPeopleList, IPerson, ISetup, State } from './types';

const PEOPLE_INTERVAL_MS = 20_000;
const SETUP_INTERVAL_MS = 600_000;

export type IRoster = Omit<IPeopleList, 'as_of'>;

/** How the next question is put, and when GitHub was asked for the last answer. */
interface IAsking {
  isFresh: boolean;
  asked: Date | null;
}

export class RosterModel extends Polled<IRoster> {
  constructor(api: GrowthApi) {
    const client = new RosterClient(api);
    const asking: IAsking = { isFresh: false, asked: null };
    super({
      load: async () => {
        const { isFresh } = asking;
        asking.isFresh = false;
        const { as_of, ...roster } = await client.listPeople(isFresh);
        asking.asked = new Date(as_of);
        return roster;
      },
      interval_ms: PEOPLE_INTERVAL_MS
    });
    this._asking = asking;
  }

  /** When GitHub was asked, which may be before this answer came; its clock may go wrong. */
  override get asOf(): Date | null {
    const { loadedAt } = this;
    const { asked } = this._asking;
    return loadedAt && asked && asked < loadedAt ? asked : loadedAt;
  }

  /** Ask GitHub and the hub now. */
  override refresh(): Promise<void> {
    this._asking.isFresh = true;
    return super.refresh();
  }

  /** Ask for what the server knows, without troubling GitHub. */
  reload(): Promise<void> {
    return super.refresh();
  }

  private readonly _asking: IAsking;
}

export class SetupModel extends Polled<ISetup> {
  constructor(api: GrowthApi) {
    const client = new RosterClient(api);
    super({ load: () => client.checkSetup(), interval_ms: SETUP_INTERVAL_MS });
  }
}

export function isExpired({ state }: IPerson): boolean {
  return state === 'expired' || state === 'failed';
}

const NOT_ACCEPTED: readonly State[] = ['invited', 'expired', 'failed'];

/** Return those who were invited and have not accepted. */
export function notAccepted(people: readonly IPerson[]): IPerson[] {
  return people.filter(({ state }) => NOT_ACCEPTED.includes(state));
}

/** Return the addresses, each once. */
export function emailsOf(people: readonly IPerson[]): string[] {
  return [...new Set(people.map(({ email }) => email).filter(Boolean))];
}
