/** The routes of the image's lists of packages. All methods reject with a `Problem`. */

import type { GrowthApi } from '../../api/client';
import type { IReceipt, Schemas } from '../../api/types';
import { Polled } from '../../ui/polled';

export type IPackage = Schemas['Package'];
export type IPackageChange = Schemas['PackageChange'];
export type IPackageCheck = Schemas['PackageCheck'];
export type IPackageLists = Schemas['PackageLists'];
export type IPackagePlan = Schemas['PackagePlan'];
export type IPackageReport = Schemas['PackageReport'];
export type IRevision = Schemas['SourceRevision'];
export type IRevisionDetails = Schemas['RevisionDetails'];
export type ISourceChange = Schemas['SourceChange'];
export type ISourceHistory = Schemas['SourceHistory'];
export type IProposal = Schemas['Proposal'];
export type IProposalDetails = Schemas['ProposalDetails'];
export type IProposalList = Schemas['ProposalList'];
export type ListName = IPackage['list'];
/** Texts in the place of files, by the names that requests use. */
export type ISourceTexts = IPackagePlan['texts'];

export const LISTS: readonly ListName[] = ['pip', 'conda', 'apt'];
const INTERVAL_MS = 30_000;

export class PackagesClient {
  constructor(private readonly _api: GrowthApi) {}

  getLists(): Promise<IPackageLists> {
    return this._api.request('images/packages');
  }

  /** Ask the indexes about every package, and try an installation. Takes seconds. */
  check(): Promise<IPackageReport> {
    return this._api.request('images/packages/checks', { method: 'POST', body: {} });
  }

  /** What would change, and what is known against it. Takes seconds. */
  plan(changes: readonly IPackageChange[], signal?: AbortSignal): Promise<IPackagePlan> {
    return this._api.request('images/packages/plans', {
      method: 'POST',
      body: { changes },
      signal
    });
  }

  /** What would change if the files had these texts. */
  planTexts(texts: ISourceTexts, signal?: AbortSignal): Promise<IPackagePlan> {
    return this._api.request('images/packages/plans', { method: 'POST', body: { texts }, signal });
  }

  getHistory(): Promise<ISourceHistory> {
    return this._api.request('images/packages/revisions');
  }

  /** A revision with its texts and what it changed. */
  getRevision(number: number): Promise<IRevisionDetails> {
    return this._api.request(`images/packages/revisions/${number}`);
  }

  /** Refused when somebody saved a revision after `newest`. */
  restore(number: number, newest: number, reason: string): Promise<{ receipt: IReceipt }> {
    const body: Schemas['PackageRestoreRequest'] = {
      revision: number,
      expected_revision: newest,
      reason
    };
    return this._api.request('images/packages/restorations', { method: 'POST', body });
  }

  /** Changes that wait at GitHub, and those that ended lately; none for a folder. */
  listProposals(): Promise<IProposalList> {
    return this._api.request('images/packages/proposals');
  }

  /** What one would change now, and whether it may be merged. */
  getProposal(number: number): Promise<IProposalDetails> {
    return this._api.request(`images/packages/proposals/${number}`);
  }

  /** Refused when its branch is another one than was looked at, or the lists were changed since. */
  merge({ number, commit }: IProposal): Promise<{ receipt: IReceipt }> {
    const body: Schemas['MergeRequest'] = { commit };
    const path = `images/packages/proposals/${number}/merges`;
    return this._api.request(path, { method: 'POST', body });
  }

  withdraw(number: number, reason: string): Promise<IProposal> {
    const body: Schemas['WithdrawRequest'] = { reason };
    const path = `images/packages/proposals/${number}/withdrawals`;
    return this._api.request(path, { method: 'POST', body });
  }

  async save(
    plan: IPackagePlan,
    reason: string,
    overrideReason: string
  ): Promise<{ receipt: IReceipt }> {
    const body: Schemas['PackageSaveRequest'] = {
      plan_id: plan.id,
      texts: plan.texts,
      reason,
      override_reason: overrideReason
    };
    return this._api.request('images/packages/revisions', { method: 'POST', body });
  }
}

/** The lists as they stand; asked again while somebody looks. */
export class ListsModel extends Polled<IPackageLists> {
  constructor(api: GrowthApi) {
    const client = new PackagesClient(api);
    super({ load: () => client.getLists(), interval_ms: INTERVAL_MS });
  }
}

/** Who changed the lists, when and why. */
export class HistoryModel extends Polled<ISourceHistory> {
  constructor(api: GrowthApi) {
    const client = new PackagesClient(api);
    super({ load: () => client.getHistory(), interval_ms: INTERVAL_MS });
  }
}

/** The changes that wait at GitHub. */
export class ProposalsModel extends Polled<IProposalList> {
  constructor(api: GrowthApi) {
    const client = new PackagesClient(api);
    super({ load: () => client.listProposals(), interval_ms: INTERVAL_MS });
  }
}
