import * as React from 'react';

import type { IJob } from '../api/types';
import { JobsModel } from '../jobs/model';
import type { IHost, IPanelProps } from '../panel/host';
import { isEnded } from '../ui/job-row';
import { usePolled } from '../ui/polled';
import { EmptyState } from '../ui/empty-state';
import { DropTarget } from './intake/drop-target';
import { Intake } from './intake/intake';
import { JobsSection, jobsToShow } from './jobs-section';
import { DatasetsModel } from './model';
import { PlanView } from './plan-view';
import { usePlanning } from './planning';
import { ShelfView } from './shelf/view';
import type { IUploadQueue } from './uploads';

interface IViewProps extends IPanelProps {
  queue: IUploadQueue;
}

/** Bring data in, follow the jobs, and look after what is published. */
export function DatasetsView({ host, queue }: IViewProps): JSX.Element {
  const root = React.useRef<HTMLDivElement>(null);
  const shelf = usePolled(() => new DatasetsModel(host.api), root, [host.api]) as DatasetsModel;
  const jobs = useJobs(host, root, () => void shelf.refresh());
  const planning = usePlanning(host);
  return (
    <DropTarget root={root} queue={queue} className="growth-Area growth-Datasets">
      <Intake host={host} queue={queue} shelf={shelf.data} planning={planning} />
      <PlanView host={host} planning={planning} onClosed={() => void jobs.refresh()} />
      <JobsSection
        host={host}
        model={jobs}
        jobs={jobsToShow(jobs.data ?? [], host.me.login, Date.now())}
      />
      <ShelfView host={host} model={shelf} planning={planning} onJob={() => void jobs.refresh()} />
    </DropTarget>
  );
}

/** For a cell of a notebook: bring data in, and one's own jobs. */
export function UploadView({ host, queue }: IViewProps): JSX.Element {
  const root = React.useRef<HTMLDivElement>(null);
  const shelf = usePolled(() => new DatasetsModel(host.api), root, [host.api]) as DatasetsModel;
  const jobs = useJobs(host, root, () => void shelf.refresh());
  const planning = usePlanning(host);
  const own = (jobs.data ?? []).filter(job => job.created_by === host.me.login);
  return (
    <DropTarget root={root} queue={queue} className="growth-Area growth-Datasets">
      <Intake host={host} queue={queue} shelf={shelf.data} planning={planning} />
      <PlanView host={host} planning={planning} onClosed={() => void jobs.refresh()} />
      <JobsSection host={host} model={jobs} jobs={own} />
      {jobs.data && own.length === 0 && queue.drops.length === 0 && (
        <EmptyState sentence="Nothing of yours is on its way. What you publish here goes on when this notebook is closed, and stands here when you come back." />
      )}
    </DropTarget>
  );
}

/** The jobs of this area; `onEnded` is called when one of them has come to its end. */
function useJobs(
  host: IHost,
  root: React.RefObject<HTMLDivElement>,
  onEnded: () => void
): JobsModel {
  const model = usePolled(() => new JobsModel(host.api, { area: 'datasets' }), root, [
    host.api
  ]) as JobsModel;
  const active = React.useRef<ReadonlySet<string>>(new Set());
  const latest = React.useRef(onEnded);
  latest.current = onEnded;
  const { data } = model;
  React.useEffect(() => {
    const before = active.current;
    active.current = new Set((data ?? []).filter(isActive).map(job => job.id));
    if ([...before].some(id => !active.current.has(id))) {
      latest.current();
    }
  }, [data]);
  return model;
}

function isActive(job: IJob): boolean {
  return !isEnded(job);
}
