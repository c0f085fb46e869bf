/** What the server sends, from its own description where it has it. Times are ISO 8601 in UTC. */

import type { components } from './openapi';

/** All shapes of the server's description, by their names. */
export type Schemas = components['schemas'];

export type IMe = Schemas['Me'];
export type IMissing = Schemas['Missing'];
export type IProgress = Schemas['Progress'];
export type IJobLog = Schemas['LogPart'];
export type IAuditEntry = Schemas['Entry'];
export type IAuditPage = Schemas['EntryList'];
/** How to take a change back: a request of this same API. */
export type IUndo = Schemas['Undo'];
/** What happened to one thing; `result` is `done`, `skipped` or `failed`. */
export type IReceiptItem = Schemas['ReceiptItem'];

/** Something that takes longer than a request. */
export type IJob = Omit<Schemas['Job'], 'receipt'> & { receipt: IReceipt | null };
export type JobState = IJob['state'];

export interface IPlanItem {
  target: string;
  action: string;
  detail: string;
}

/** A change that can be read before it is made. */
export interface IPlan {
  id: string;
  title: string;
  action: string;
  warnings: string[];
  items: IPlanItem[];
  /** The number that must be typed before the plan can be applied, when it is a large one. */
  confirm_number: number | null;
}

/** What a change did, item by item. A job's receipt may have fewer fields. */
export interface IReceipt {
  plan_id?: string;
  title?: string;
  finished?: string;
  items?: IReceiptItem[];
  undo?: IUndo | null;
}

export type ServerState = 'ready' | 'spawning' | 'stopping' | 'stopped';

export interface IServerRef {
  user: string;
  server_name: string;
}

export interface IServer extends IServerRef {
  state: ServerState;
  started: string | null;
  last_activity: string | null;
  url: string | null;
  image: string | null;
  groups: string[];
  is_own: boolean;
}

export interface IServerPage {
  servers: IServer[];
  total: number;
}

export type ServerAction = 'start' | 'stop' | 'restart';
