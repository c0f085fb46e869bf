/** Images: what students get, every tag of the registry, and who moved what when. */

import './style';

import * as React from 'react';

import { type IAction, useActions } from '../panel/actions';
import type { IHost, IPanelProps } from '../panel/host';
import { useTrait } from '../panel/traits';
import { copyText } from '../ui/copy';
import { type Polled, usePolled } from '../ui/polled';
import { Skeleton } from '../ui/skeleton';
import { Tabs } from '../ui/tabs';
import { Toolbar } from '../ui/toolbar';
import { againAction, restartAction, rollBackAction, rowActions } from './actions';
import { BuildDialog } from './builds/build-dialog';
import { useBuilding } from './builds/building';
import { BuildsModel, buildOf, type IBuildList } from './builds/client';
import { beginAction, BuildsView } from './builds/view';
import { LiveImage } from './live-image';
import { LookUpDialog } from './look-up-dialog';
import { ImagesModel, TimelineModel } from './model';
import { MoveDialog } from './move-dialog';
import { useMoving } from './moving';
import { PackagesView } from './packages/view';
import { RecordDialog } from './record-dialog';
import { SetupView } from './setup';
import { TagsView } from './tags-view';
import { TimelineView } from './timeline-view';
import { Planning, Trouble } from './trouble';
import type { IImages, ITimeline } from './types';
import { type IImageRow, imageRows, nameOf, shortOf } from './words';

const TABS = {
  tags: 'Tags',
  timeline: 'Timeline',
  packages: 'Packages',
  builds: 'Builds'
} as const;
type TabId = keyof typeof TABS;
/** What is of use without a registry too. */
const ALWAYS: readonly TabId[] = ['packages', 'builds'];
const NOT_CONFIGURED = 501;

/** A dialog that is open, besides the plan's own. */
type Asking = { kind: 'record'; digest: string } | { kind: 'look-up' } | null;

export function ImagesPanel({ host }: IPanelProps): JSX.Element {
  const root = React.useRef<HTMLDivElement>(null);
  const area = useArea(host, root);
  return (
    <div className="growth-Area growth-Images" ref={root}>
      <Shown host={host} {...area} />
    </div>
  );
}

interface IShownProps {
  host: IHost;
  images: Polled<IImages>;
  timeline: Polled<ITimeline>;
  builds: Polled<IBuildList>;
  rows: readonly IImageRow[];
  refresh(): void;
}

function Shown({ host, images, timeline, builds, rows, refresh }: IShownProps): JSX.Element {
  const csv = React.useRef(() => '');
  const [filter, setFilter] = useTrait(host.traits, 'filter');
  const [selection, setSelection] = useTrait(host.traits, 'selection');
  const [tab, setTab] = React.useState<TabId>('tags');
  const [asking, setAsking] = React.useState<Asking>(null);
  const [openBuild, setOpenBuild] = React.useState<string | null>(null);
  const moving = useMoving(host);
  const building = useBuilding(host);
  const { plan } = moving;
  React.useEffect(() => {
    if (plan) {
      setAsking(null); // what was looked up stands in the plan now
    }
  }, [plan]);
  const onRecord = (row: IImageRow): void => setAsking({ kind: 'record', digest: row.digest });
  const actionsFor = (chosen: readonly IImageRow[]): IAction[] =>
    rowActions(chosen, moving, onRecord);
  const [promote, record] = actionsFor(rows.filter(row => selection.includes(row.digest)));
  const known = timeline.data;
  const restart = restartAction(host, known?.digest ?? '', known?.stale ?? null);
  const actions = [promote, rollBackAction(known, rows, moving), record];
  const begin = beginAction(building, builds.data);
  const build: IAction = {
    ...begin,
    execute: () => {
      setTab('builds');
      begin.execute();
    }
  };
  const lookUp: IAction = {
    id: 'images-look-up',
    label: 'Promote by name',
    isEnabled: images.data !== null,
    reason: 'Any tag or digest of this image, also one that is not in the list',
    execute: () => setAsking({ kind: 'look-up' })
  };
  useActions(host.actions, [
    ...actions,
    lookUp,
    restart,
    build,
    ...showActions(tab, setTab),
    {
      id: 'images-copy-csv',
      label: 'Copy as CSV',
      isEnabled: images.data !== null,
      execute: () => void copyText(csv.current())
    },
    { id: 'images-refresh', label: 'Refresh', isEnabled: true, execute: refresh }
  ]);
  const missing = images.problem?.status === NOT_CONFIGURED ? images.problem : null;
  const live = rows.find(row => row.isLive) ?? null;
  const recorded =
    asking?.kind === 'record' ? rows.find(({ digest }) => digest === asking.digest) : undefined;
  return (
    <>
      {(!missing || ALWAYS.includes(tab)) && (
        <Toolbar
          label="Images"
          actions={missing || ALWAYS.includes(tab) ? [] : [...actions, lookUp]}
          filter={filter}
          onFilter={setFilter}
          polled={tab === 'tags' ? images : tab === 'timeline' ? timeline : undefined}
        />
      )}
      {!missing && <Trouble images={images} timeline={timeline} />}
      {known && <LiveImage timeline={known} row={live} restart={restart} />}
      {!plan && asking?.kind !== 'look-up' && (
        <Planning asking={moving} close={() => moving.close()} />
      )}
      <Tabs
        label="Images"
        current={tab}
        onChange={next => setTab(next as TabId)}
        tabs={(Object.keys(TABS) as TabId[]).map(id => ({
          id,
          label: TABS[id],
          render: () =>
            id === 'packages' ? (
              <PackagesView host={host} filter={filter} build={build} />
            ) : id === 'builds' ? (
              <BuildsView
                host={host}
                builds={builds}
                building={building}
                moving={moving}
                filter={filter}
                open={openBuild}
                onOpen={setOpenBuild}
                live={known?.digest ?? ''}
                onShowTag={({ tag, digest }) => {
                  setFilter(tag);
                  setSelection(digest ? [digest] : []);
                  setTab('tags');
                }}
              />
            ) : missing ? (
              <SetupView what={missing.detail} hint={missing.hint} />
            ) : id === 'timeline' ? (
              known ? (
                <TimelineView
                  timeline={known}
                  rows={rows}
                  filter={filter}
                  actionsFor={digest => [againAction(digest, known, rows, moving)]}
                />
              ) : (
                !timeline.problem && <Skeleton what="the timeline" />
              )
            ) : images.data ? (
              <TagsView
                host={host}
                images={images.data}
                rows={rows}
                filter={filter}
                selection={selection}
                onSelection={setSelection}
                actionsFor={actionsFor}
                csvRef={csv}
                onLookUp={lookUp.execute}
                onChecked={refresh}
              />
            ) : (
              !images.problem && <Skeleton what="the images" rows={12} />
            )
        }))}
      />
      {recorded && <RecordDialog host={host} row={recorded} onClose={() => setAsking(null)} />}
      {asking?.kind === 'look-up' && (
        <LookUpDialog
          name={images.data?.name ?? ''}
          moving={moving}
          onClose={() => {
            setAsking(null);
            moving.close();
          }}
        />
      )}
      {building.plan && (
        <BuildDialog
          host={host}
          building={building}
          plan={building.plan}
          onBegun={job => {
            building.close();
            setOpenBuild(String(buildOf(job) ?? ''));
            void builds.refresh();
          }}
        />
      )}
      {plan && (
        <MoveDialog
          host={host}
          moving={moving}
          plan={plan}
          before={rows.find(({ digest }) => digest === plan.from_digest)?.image ?? null}
          label={labelOf(plan.to_digest, rows)}
          restartFor={digest => restartAction(host, digest, null)}
          onClose={() => {
            moving.close();
            refresh();
          }}
        />
      )}
    </>
  );
}

function labelOf(digest: string, rows: readonly IImageRow[]): string {
  const row = rows.find(one => one.digest === digest);
  return row ? nameOf(row) : shortOf(digest);
}

function showActions(current: TabId, show: (tab: TabId) => void): IAction[] {
  return (Object.keys(TABS) as TabId[]).map(id => ({
    id: `images-show-${id}`,
    label: `Show ${TABS[id].toLowerCase()}`,
    isEnabled: id !== current,
    reason: id === current ? 'It is shown already' : undefined,
    execute: () => show(id)
  }));
}

/** What the registry has and where the tag was; both are asked again after a change of this page. */
function useArea(host: IHost, root: React.RefObject<HTMLDivElement>): Omit<IShownProps, 'host'> {
  const { api } = host;
  const images = usePolled(() => new ImagesModel(api), root, [api]);
  const timeline = usePolled(() => new TimelineModel(api), root, [api]);
  const builds = usePolled(() => new BuildsModel(api), root, [api]);
  const refresh = React.useCallback(() => {
    void images.refresh();
    void timeline.refresh();
    void builds.refresh();
  }, [images, timeline, builds]);
  React.useEffect(() => {
    api.changed.connect(refresh);
    return () => {
      api.changed.disconnect(refresh);
    };
  }, [api, refresh]);
  const rows = React.useMemo(
    () => (images.data ? imageRows(images.data, timeline.data) : []),
    [images.data, timeline.data]
  );
  useNewest(builds.data, images);
  return { images, timeline, builds, rows, refresh };
}

/** Ask for the tags when a build has ended well since: its image is among them. */
function useNewest(list: IBuildList | null, images: Polled<IImages>): void {
  const built = list?.builds.find(({ state }) => state === 'succeeded')?.digest ?? '';
  const known = React.useRef<string | null>(null);
  const isListed = list !== null;
  React.useEffect(() => {
    if (known.current !== null && known.current !== built) {
      void images.refresh();
    }
    known.current = isListed ? built : null;
  }, [isListed, built, images]);
}
