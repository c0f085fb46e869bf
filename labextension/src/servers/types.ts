import type { Schemas, ServerAction } from '../api/types';

export type IPace = Schemas['Pace'];
export type ISelector = Schemas['Selector'];
export type IPlannedTarget = Schemas['PlannedTarget'];
export type IServerPlan = Schemas['ServerPlan'];

/** Which servers: those that are named, or those that the hub finds now. */
export type IWhich =
  { servers: readonly Pick<IPlannedTarget, 'user' | 'server_name'>[] } | { selector: ISelector };

/** What to do with which servers; without a pace, the server's own careful one. */
export interface IQuestion {
  action: ServerAction;
  which: IWhich;
  pace?: IPace;
}
