/** Both scripts of a school, shared by all views of one Lab. */

import type { GrowthApi } from '../api/client';
import { StartupClient } from './client';
import { DraftStore } from './drafts';
import { ScriptModel } from './script-model';
import { TrialsModel } from './trials';
import { type IScript, type ScriptName, SCRIPTS } from './types';

export interface IEditedScript {
  readonly model: ScriptModel;
  readonly trials: TrialsModel;
}

export class ScriptsModel {
  constructor(
    readonly client: StartupClient,
    login: string
  ) {
    const owner = `${login}@${client.api.settings.baseUrl}`;
    this._scripts = new Map(SCRIPTS.map(name => [name, create(client, name, owner)]));
  }

  get(name: ScriptName): IEditedScript {
    return this._scripts.get(name) as IEditedScript;
  }

  /** Look how both scripts stand; what changed elsewhere is read again. */
  async look(): Promise<IScript[]> {
    const scripts = await this.client.listScripts();
    for (const script of scripts) {
      this._scripts.get(script.name)?.model.notice(script);
    }
    return scripts;
  }

  private readonly _scripts: ReadonlyMap<string, IEditedScript>;
}

function create(client: StartupClient, name: ScriptName, owner: string): IEditedScript {
  const model = new ScriptModel(client, name, new DraftStore(owner, name));
  const trials = new TrialsModel(client, name, () => void model.load());
  return { model, trials };
}

const models = new WeakMap<GrowthApi, ScriptsModel>();

/** Return the one model of this Lab: a panel and a widget show the same unsaved text. */
export function scriptsOf(api: GrowthApi, login: string): ScriptsModel {
  const model = models.get(api) ?? new ScriptsModel(new StartupClient(api), login);
  models.set(api, model);
  return model;
}
