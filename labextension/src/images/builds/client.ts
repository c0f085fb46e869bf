/** The routes of the image's builds. All methods reject with a `Problem`. */

import type { GrowthApi } from '../../api/client';
import type { IJob, Schemas } from '../../api/types';
import { Polled } from '../../ui/polled';

export type IBuild = Schemas['Build'];
export type IBuildDetails = Schemas['BuildDetails'];
export type IBuildList = Schemas['BuildList'];
export type IBuildPlan = Schemas['BuildPlan'];
export type IInstalled = Schemas['InstalledPackage'];
export type IPackageDelta = Schemas['PackageDelta'];
export type ISmokeCheck = Schemas['SmokeCheck'];
export type Stage = NonNullable<IBuild['stage']>;

const LIST_INTERVAL_MS = 10_000;
const RUNNING_INTERVAL_MS = 2_000;

export class BuildsClient {
  constructor(private readonly _api: GrowthApi) {}

  list(): Promise<IBuildList> {
    return this._api.request('images/builds');
  }

  /** One build with what is in it, against the one before. */
  get(number: number): Promise<IBuildDetails> {
    return this._api.request(`images/builds/${number}`);
  }

  /** What would be built now, as what, and by what. */
  plan(signal?: AbortSignal): Promise<IBuildPlan> {
    return this._api.request('images/builds/plans', { method: 'POST', body: {}, signal });
  }

  /** Refused when somebody saved a revision after this one. */
  start(revision: number, reason: string): Promise<IJob> {
    const body: Schemas['BuildRequest'] = { reason, expected_revision: revision };
    return this._api.request('images/builds', { method: 'POST', body });
  }

  /** The parts of a built image as CycloneDX. */
  async getSbom(number: number): Promise<unknown> {
    const { document } = await this._api.request<Schemas['Sbom']>(`images/builds/${number}/sbom`);
    return document;
  }
}

/** All builds; asked more often while one runs. */
export class BuildsModel extends Polled<IBuildList> {
  constructor(api: GrowthApi) {
    const client = new BuildsClient(api);
    super({ load: () => client.list(), interval_ms: LIST_INTERVAL_MS });
  }

  override get interval_ms(): number {
    return this.data?.builds.some(isRunning) ? RUNNING_INTERVAL_MS : super.interval_ms;
  }
}

/** One build; once it has ended it is asked no more, unless somebody looks at it anew. */
export class BuildModel extends Polled<IBuildDetails> {
  constructor(api: GrowthApi, number: number) {
    const client = new BuildsClient(api);
    super({ load: () => client.get(number), interval_ms: RUNNING_INTERVAL_MS });
    this.changed.connect(() => {
      if (this.data && !isRunning(this.data.build)) {
        this.stop();
      }
    });
  }
}

/** Return whether a build goes on, or waits to. */
export function isRunning({ state }: IBuild): boolean {
  return state === 'running' || state === 'pending';
}

/** Return the number of the build that a job makes, or null. */
export function buildOf({ subject }: IJob): number | null {
  const found = /^images\/builds\/(\d+)$/.exec(subject ?? '');
  return found ? Number(found[1]) : null;
}
