/** What the server sends. Times are ISO 8601 in UTC. */

export interface IMissing {
  area: string;
  what: string;
  hint: string;
}

export interface IMe {
  login: string;
  areas: string[];
  scopes: string[];
  version: string;
  standalone: boolean;
  server_name: string;
  missing: IMissing[];
}

export type JobState = 'pending' | 'running' | 'succeeded' | 'failed' | 'cancelled';

export interface IProgress {
  done: number;
  total: number | null;
  unit: string;
  message: string;
  rate_per_s: number | null;
  eta_s: number | null;
}

/** Something that takes longer than a request. */
export interface IJob {
  id: string;
  kind: string;
  area: string;
  title: string;
  state: JobState;
  created: string;
  started: string | null;
  ended: string | null;
  created_by: string;
  progress: IProgress | null;
  problem: { title: string; detail: string; hint: string } | null;
  receipt: IReceipt | null;
  is_cancellable: boolean;
  owner: string;
}

export interface IJobLog {
  text: string;
  next_offset: number;
  is_complete: boolean;
}

export interface IAuditEntry {
  id: string;
  time: string;
  user: string;
  permission: string;
  area: string;
  action: string;
  target: string;
  plan_id: string;
  before: string;
  after: string;
  result: 'done' | 'accepted' | 'refused' | 'failed';
  detail: string;
  undo: IUndo | null;
}

export interface IAuditPage {
  entries: IAuditEntry[];
  is_truncated: boolean;
  /** Lines of the trail that could not be read. */
  unreadable?: number;
}

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

/** How to take a change back: a request of this same API. */
export interface IUndo {
  title: string;
  method: string;
  path: string;
  body: Record<string, unknown>;
}

export interface IReceiptItem {
  target: string;
  action: string;
  /** `done`, `skipped` or `failed`. */
  result: string;
  detail: string;
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
