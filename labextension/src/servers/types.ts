import type { IServerPlan, Schemas, ServerAction } from '../api/types';

export type IPace = Schemas['Pace'];
export type ICourtesy = Schemas['Courtesy'];
export type ISelector = Schemas['Selector'];
export type IPlannedTarget = Schemas['PlannedTarget'];
export type IHelp = Schemas['UserHelp'];
export type IFinding = IHelp['findings'][number];
export type IPastStart = IHelp['starts'][number];
export type ILogTail = IHelp['logs'][number];
export type IAccess = IHelp['access'];
export type IOpened = Schemas['Opening'];
export type { IServerPlan };

/** Which servers: those that are named, or those that the hub finds now. */
export type IWhich =
  { servers: readonly Pick<IPlannedTarget, 'user' | 'server_name'>[] } | { selector: ISelector };

/** What to do with which servers; without a pace, the server's own careful one, and untold. */
export interface IQuestion {
  action: ServerAction;
  which: IWhich;
  pace?: IPace;
  courtesy?: ICourtesy;
}
