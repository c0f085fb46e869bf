/** What all panels of one Lab share: the client and who I am. */

import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { IEditorServices } from '@jupyterlab/codeeditor';
import { PromiseDelegate } from '@lumino/coreutils';

import { GrowthApi } from '../api/client';
import type { IMe } from '../api/types';
import type { ISchool } from '../panel/host';
import { type AreaId, COMMAND_PREFIX } from '../tokens';

/** Command that opens the panel of the area named by the argument `area`. */
export const OPEN = `${COMMAND_PREFIX}open`;

/** Asks `me` once for all panels; a failure is asked again at the next call. */
export class School implements ISchool {
  constructor(
    private readonly _app: JupyterFrontEnd,
    readonly editors: IEditorServices | null
  ) {
    this.api = new GrowthApi(_app.serviceManager.serverSettings);
  }

  readonly api: GrowthApi;

  getMe(): Promise<IMe> {
    this._me ??= this.api.getMe().catch(reason => {
      this._me = null;
      throw reason;
    });
    void this._me.then(
      me => this._known.resolve(me),
      () => undefined
    );
    return this._me;
  }

  /** Resolves with the first answer to `getMe`, however often it had to be asked. */
  get known(): Promise<IMe> {
    return this._known.promise;
  }

  open(area: AreaId, filter = ''): void {
    if (this._app.commands.hasCommand(OPEN)) {
      void this._app.commands.execute(OPEN, { area, filter });
    }
  }

  openUrl(url: string): void {
    window.open(url, '_blank', 'noopener');
  }

  private readonly _known = new PromiseDelegate<IMe>();
  private _me: Promise<IMe> | null = null;
}

const schools = new WeakMap<JupyterFrontEnd, School>();

/** Return the one school of this Lab. */
export function schoolOf(app: JupyterFrontEnd, editors: IEditorServices | null): School {
  const school = schools.get(app) ?? new School(app, editors);
  schools.set(app, school);
  return school;
}
