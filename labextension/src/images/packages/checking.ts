/** All packages held against their indexes, when somebody wants to know. */

import * as React from 'react';

import { Problem } from '../../api/problem';
import type { IAction } from '../../panel/actions';
import type { IHost } from '../../panel/host';
import {
  type IPackageCheck,
  type IPackageLists,
  type IPackageReport,
  PackagesClient
} from './client';

export interface IChecking {
  report: IPackageReport | null;
  problem: Problem | null;
  action: IAction;
}

/** Asks the indexes about all packages when one wants to know. */
export function useChecking({ api }: IHost): IChecking {
  const [report, setReport] = React.useState<IPackageReport | null>(null);
  const [problem, setProblem] = React.useState<Problem | null>(null);
  const [isAsking, setAsking] = React.useState(false);
  const ask = async (): Promise<void> => {
    setAsking(true);
    setProblem(null);
    try {
      setReport(await new PackagesClient(api).check());
    } catch (reason) {
      setProblem(Problem.from(reason));
    }
    setAsking(false);
  };
  return {
    report,
    problem,
    action: {
      id: 'packages-check',
      label: isAsking ? 'Asking the indexes' : 'Check all packages',
      isEnabled: !isAsking,
      reason: 'Existence, newest version, Python, and whether they can be installed together',
      execute: () => void ask()
    }
  };
}

export function foundOf(
  one: IPackageLists['packages'][number],
  report: IPackageReport | null
): IPackageCheck | null {
  return (
    report?.packages.find(
      ({ list, name, version }) => list === one.list && name === one.name && version === one.version
    ) ?? null
  );
}
