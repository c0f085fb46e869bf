/** The image's builds: begin one, follow it, see what came out, hand it on to be promoted. */

import * as React from 'react';

import type { IAction } from '../../panel/actions';
import type { IHost } from '../../panel/host';
import { ActionButton } from '../../ui/button';
import { EmptyState } from '../../ui/empty-state';
import type { Polled } from '../../ui/polled';
import { ProblemBanner } from '../../ui/problem-banner';
import { Skeleton } from '../../ui/skeleton';
import { Table } from '../../ui/table/table';
import { plural } from '../../ui/time';
import { RefreshButton } from '../../ui/toolbar';
import type { IMoving } from '../moving';
import { type IBuildActing, buildActions, useActing } from './acting';
import type { IBuilding } from './building';
import { type IBuild, type IBuildList, isRunning } from './client';
import { BUILD_CHIPS, BUILD_COLUMNS, keyOf } from './columns';
import { BuildView } from './details';

interface IBuildsViewProps {
  host: IHost;
  builds: Polled<IBuildList>;
  building: IBuilding;
  moving: IMoving;
  filter: string;
  /** Number of the build that is looked at. */
  open: string | null;
  onOpen(key: string | null): void;
  /** Digest of what students get. */
  live: string;
  /** Shows an image among the tags. */
  onShowTag(build: IBuild): void;
}

export function BuildsView(props: IBuildsViewProps): JSX.Element {
  const { builds, building } = props;
  const { data, problem } = builds;
  return (
    <div className="growth-Builds">
      {problem && (
        <ProblemBanner
          problem={problem}
          doing="Listing the builds"
          tone={data ? 'warn' : 'error'}
          onRetry={() => void builds.refresh()}
        />
      )}
      {building.problem && (
        <ProblemBanner
          problem={building.problem}
          doing={building.doing}
          onDismiss={building.close}
        />
      )}
      {data ? (
        <Shown {...props} list={data} />
      ) : (
        !problem && <Skeleton what="the builds" rows={8} />
      )}
    </div>
  );
}

function Shown(props: IBuildsViewProps & { list: IBuildList }): JSX.Element {
  const { host, builds, building, list, filter, open, onOpen } = props;
  const acting = useActing(host, builds);
  const begin = beginAction(building, list);
  const actionsFor = (build: IBuild): IAction[] => buildActions(build, { ...props, acting, begin });
  return (
    <>
      <p className="growth-Packages-line">
        <span className="growth-Packages-asks">
          <ActionButton action={begin} />
          <span>{list.builder}</span>
        </span>
        <RefreshButton polled={builds} />
      </p>
      <Said list={list} acting={acting} />
      <Table<IBuild>
        label="Builds"
        noun={['build', 'builds']}
        rows={list.builds}
        columns={BUILD_COLUMNS}
        chips={BUILD_CHIPS}
        rowKey={keyOf}
        filter={filter}
        openKey={open}
        onOpenKey={onOpen}
        detailsTitle={({ tag }) => tag}
        actionsFor={([build]) => (build ? actionsFor(build) : [])}
        details={build => (
          <BuildView key={build.number} host={host} build={build} actionsFor={actionsFor} />
        )}
        empty={
          <EmptyState
            sentence={
              list.builder
                ? 'No image was built here yet: build the first one from the lists of packages.'
                : 'No image was built here yet.'
            }
            runbook="O08-add-software.ipynb"
          />
        }
      />
    </>
  );
}

/** What begins a build; while one runs it says whose. */
export function beginAction(building: IBuilding, list: IBuildList | null): IAction {
  const running = list?.builds.find(isRunning);
  const isReady = Boolean(list?.builder) && !running && !building.isAsking;
  return {
    id: 'images-build',
    label: building.isAsking ? 'Planning a build' : 'Build the image',
    look: 'primary',
    isEnabled: isReady,
    reason: running
      ? `${running.author} builds ${running.tag}: follow that one, or cancel it first`
      : list?.problem || 'The plan comes first: what is built, and as which tag',
    execute: building.start
  };
}

/** Why nothing is built here, what cannot be read, and what went wrong with a click. */
function Said({ list, acting }: { list: IBuildList; acting: IBuildActing }): JSX.Element {
  const said = [
    list.problem ? `${list.problem} ${list.hint ?? ''}` : '',
    ...(list.notes ?? []),
    list.left_out > 0 ? `${plural(list.left_out, 'older build')} not shown.` : ''
  ].filter(Boolean);
  return (
    <>
      {said.map(sentence => (
        <p className="growth-Notice" role="status" key={sentence}>
          {sentence}
        </p>
      ))}
      {acting.problem && (
        <ProblemBanner problem={acting.problem} doing={acting.doing} onDismiss={acting.dismiss} />
      )}
    </>
  );
}
