/** What the server sends, from its own description where it has it. Times are ISO 8601 in UTC. */

import type { components } from './openapi';

/** All shapes of the server's description, by their names. */
export type Schemas = components['schemas'];

export type IMe = Schemas['Me'];
export type IMissing = Schemas['Missing'];
export type IProgress = Schemas['Progress'];
export type IJobLog = Schemas['LogPart'];
export type IAuditEntry = Schemas['AuditEntry'];
export type IAuditPage = Schemas['EntryList'];
/** How to take a change back: a request of this same API. */
export type IUndo = Schemas['Undo'];
/** What happened to one thing; `result` is `done`, `skipped` or `failed`. */
export type IReceiptItem = Schemas['ReceiptItem'];

/** Something that takes longer than a request. */
export type IJob = Omit<Schemas['Job'], 'receipt'> & { receipt: IReceipt | null };
export type JobState = IJob['state'];

export type IPlanItem = Schemas['PlanItem'];
/** A change that can be read before it is made; `confirm_number` must be typed, if there is one. */
export type IPlan = Schemas['Plan'];

/** What a change did, item by item. A job's receipt may have fewer fields. */
export interface IReceipt {
  plan_id?: string;
  title?: string;
  finished?: string;
  items?: IReceiptItem[];
  undo?: IUndo | null;
}

export type IServer = Schemas['Server'];
export type IServerPage = Schemas['ServerList'];
export type IServerPlan = Schemas['ServerPlan'];
export type ServerState = IServer['state'];
/** What names a server. */
export type IServerRef = Pick<IServer, 'user' | 'server_name'>;
export type ServerAction = Schemas['ServersPlanRequest']['action'];
