/** The routes of the start scripts. All methods reject with a `Problem`. */

import type { GrowthApi } from '../api/client';
import type { IJob } from '../api/types';
import type {
  IDifference,
  IFinding,
  IHistory,
  ILogText,
  IPublished,
  IRevisionText,
  ISaved,
  IScript,
  IScriptText,
  IStartHistory,
  IStartList,
  ScriptName
} from './types';

export interface ISaveRequest {
  text: string;
  reason: string;
  base_sha256: string;
  override_reason?: string;
}

export interface IPublishRequest {
  revision: number;
  expected_live_sha256: string;
  reason: string;
  skip_reason?: string;
}

export type Trial = 'rehearsal' | 'canary';

const TRIAL_ROUTES: Record<Trial, string> = {
  rehearsal: 'startup/rehearsals',
  canary: 'startup/canaries'
};

export class StartupClient {
  constructor(readonly api: GrowthApi) {}

  async listScripts(): Promise<IScript[]> {
    return (await this.api.request<{ scripts: IScript[] }>('startup/scripts')).scripts;
  }

  getScript(script: ScriptName): Promise<IScriptText> {
    return this.api.request(`startup/scripts/${script}`);
  }

  getHistory(script: ScriptName): Promise<IHistory> {
    return this.api.request(`startup/scripts/${script}/revisions`);
  }

  getRevision(script: ScriptName, revision: number): Promise<IRevisionText> {
    return this.api.request(`startup/scripts/${script}/revisions/${revision}`);
  }

  getDifference(script: ScriptName, before: number, after: number): Promise<IDifference> {
    return this.api.request(`startup/scripts/${script}/differences`, { query: { before, after } });
  }

  /** Keep a new revision; students get nothing new yet. */
  saveRevision(script: ScriptName, body: ISaveRequest): Promise<ISaved> {
    return this.api.request(`startup/scripts/${script}/revisions`, { method: 'POST', body });
  }

  /** Bring an old text back as a new revision. */
  restoreRevision(script: ScriptName, revision: number, reason: string): Promise<ISaved> {
    return this.api.request(`startup/scripts/${script}/restorations`, {
      method: 'POST',
      body: { revision, reason }
    });
  }

  publish(script: ScriptName, body: IPublishRequest): Promise<IPublished> {
    return this.api.request(`startup/scripts/${script}/publications`, { method: 'POST', body });
  }

  async lint(name: ScriptName, text: string, signal: AbortSignal): Promise<IFinding[]> {
    const reply = await this.api.request<{ findings: IFinding[] }>('startup/lints', {
      method: 'POST',
      body: { name, text },
      signal
    });
    return reply.findings;
  }

  startTrial(trial: Trial, script: ScriptName, revision: number): Promise<IJob> {
    return this.api.request(TRIAL_ROUTES[trial], { method: 'POST', body: { script, revision } });
  }

  listStarts(): Promise<IStartList> {
    return this.api.request('startup/starts');
  }

  getStarts(user: string, server_name: string): Promise<IStartHistory> {
    const path = `startup/starts/${encodeURIComponent(user)}`;
    return this.api.request(path, { query: { server_name } });
  }

  /** The end of a log: of the last start (0), or of the one before (1). */
  getStartLog(user: string, server_name: string, script: string, which: 0 | 1): Promise<ILogText> {
    const path = `startup/starts/${encodeURIComponent(user)}/logs/${encodeURIComponent(script)}`;
    return this.api.request(path, { query: { server_name, which } });
  }
}
