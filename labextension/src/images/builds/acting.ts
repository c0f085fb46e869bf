/** What can be done with a build: buttons and context menu in one. */

import * as React from 'react';

import { Problem } from '../../api/problem';
import type { IAction } from '../../panel/actions';
import type { IHost } from '../../panel/host';
import type { Polled } from '../../ui/polled';
import { saveFile } from '../../ui/save-file';
import type { IMoving } from '../moving';
import { BuildsClient, type IBuild, type IBuildList, isRunning } from './client';

/** A click that was answered with a refusal. */
export interface IBuildActing {
  problem: Problem | null;
  doing: string;
  isBusy: boolean;
  cancel(build: IBuild): void;
  saveSbom(build: IBuild): void;
  dismiss(): void;
}

export function useActing({ api }: IHost, builds: Polled<IBuildList>): IBuildActing {
  const [problem, setProblem] = React.useState<Problem | null>(null);
  const [doing, setDoing] = React.useState('');
  const [isBusy, setBusy] = React.useState(false);
  const run = async (what: string, action: () => Promise<unknown>): Promise<void> => {
    setDoing(what);
    setProblem(null);
    setBusy(true);
    try {
      await action();
    } catch (reason) {
      setProblem(Problem.from(reason));
    }
    setBusy(false);
  };
  return {
    problem,
    doing,
    isBusy,
    cancel: build =>
      void run(`Cancelling ${build.tag}`, async () => {
        await api.cancelJob(build.job_id ?? '');
        await builds.refresh();
      }),
    saveSbom: build =>
      void run(`Reading the parts of ${build.tag}`, async () => {
        const document = await new BuildsClient(api).getSbom(build.number);
        saveFile(`${build.tag}.cdx.json`, JSON.stringify(document, null, 1), 'application/json');
      }),
    dismiss: () => setProblem(null)
  };
}

interface IOffered {
  moving: IMoving;
  acting: IBuildActing;
  live: string;
  /** Begins another build. */
  begin: IAction;
  onShowTag(build: IBuild): void;
}

/** Return what can be done with a build now. */
export function buildActions(build: IBuild, offered: IOffered): IAction[] {
  const { moving, acting, live, begin, onShowTag } = offered;
  const { digest = '', tag } = build;
  const isLive = digest !== '' && digest === live;
  const isBuilt = digest !== '';
  const label = `Promote ${tag}`;
  const none = isRunning(build) ? 'It is not built yet' : 'No image came out of it';
  return [
    {
      id: 'builds-promote',
      label,
      look: 'primary',
      isEnabled: isBuilt && !isLive,
      reason: isLive
        ? 'Students get this image already'
        : isBuilt
          ? 'The plan comes first: its checks, and how many servers'
          : none,
      execute: () => moving.start(digest, label)
    },
    {
      id: 'builds-show-tag',
      label: 'Show it among the tags',
      isEnabled: isBuilt,
      reason: isBuilt ? undefined : none,
      execute: () => onShowTag(build)
    },
    {
      id: 'builds-sbom',
      label: 'Download its list of parts',
      isEnabled: isBuilt && !acting.isBusy,
      reason: isBuilt ? 'Software bill of materials, CycloneDX 1.6' : none,
      execute: () => acting.saveSbom(build)
    },
    {
      ...begin,
      id: 'builds-again',
      label: 'Build again',
      look: undefined,
      isEnabled: begin.isEnabled && !isBuilt && !isRunning(build)
    },
    {
      id: 'builds-cancel',
      label: `Cancel ${tag}`,
      isEnabled: isRunning(build) && !build.is_cancel_asked && !acting.isBusy,
      reason: isRunning(build) ? 'Layers that are finished are used again' : 'It has ended',
      execute: () => acting.cancel(build)
    }
  ];
}
