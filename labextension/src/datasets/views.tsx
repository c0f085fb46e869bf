import * as React from 'react';

import { JobsModel } from '../jobs/model';
import { JobsSection, jobsToShow } from '../jobs/section';
import type { IHost, IPanelProps } from '../panel/host';
import { isEnded } from '../ui/job-row';
import { usePolled } from '../ui/polled';
import { EmptyState } from '../ui/empty-state';
import { DropTarget } from './intake/drop-target';
import { Intake } from './intake/intake';
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
  const { shelf, jobs, refresh } = useArea(host, root, queue);
  const planning = usePlanning(host);
  return (
    <DropTarget root={root} queue={queue} className="growth-Area growth-Datasets">
      <Intake host={host} queue={queue} shelf={shelf.data} planning={planning} />
      <PlanView host={host} planning={planning} onClosed={refresh} />
      <JobsSection
        host={host}
        model={jobs}
        label="Jobs of datasets"
        jobs={jobsToShow(jobs.data ?? [], host.me.login, Date.now())}
      />
      <ShelfView host={host} model={shelf} planning={planning} onChanged={refresh} />
    </DropTarget>
  );
}

/** For a cell of a notebook: bring data in, and one's own jobs. */
export function UploadView({ host, queue }: IViewProps): JSX.Element {
  const root = React.useRef<HTMLDivElement>(null);
  const { shelf, jobs, refresh } = useArea(host, root, queue);
  const planning = usePlanning(host);
  const own = (jobs.data ?? []).filter(job => job.created_by === host.me.login);
  return (
    <DropTarget root={root} queue={queue} className="growth-Area growth-Datasets">
      <Intake host={host} queue={queue} shelf={shelf.data} planning={planning} />
      <PlanView host={host} planning={planning} onClosed={refresh} />
      <JobsSection host={host} model={jobs} label="Jobs of datasets" jobs={own} />
      {jobs.data && own.length === 0 && queue.drops.length === 0 && (
        <EmptyState sentence="Nothing of yours is on its way. What you publish here goes on when this notebook is closed, and stands here when you come back." />
      )}
    </DropTarget>
  );
}

interface IAreaModels {
  shelf: DatasetsModel;
  jobs: JobsModel;
  /** Ask for both again. */
  refresh(): void;
}

/** What is published and what goes on; asked again when something was changed, here or by a job. */
function useArea(
  host: IHost,
  root: React.RefObject<HTMLDivElement>,
  queue: IUploadQueue
): IAreaModels {
  const { api } = host;
  const shelf = usePolled(() => new DatasetsModel(api), root, [api]) as DatasetsModel;
  const jobs = usePolled(() => new JobsModel(api, { area: 'datasets' }), root, [api]) as JobsModel;
  const refresh = React.useCallback(() => {
    void jobs.refresh();
    void shelf.refresh();
  }, [jobs, shelf]);
  React.useEffect(() => {
    api.changed.connect(refresh);
    return () => {
      api.changed.disconnect(refresh);
    };
  }, [api, refresh]);
  const states = jobs.data?.map(job => `${job.id} ${isEnded(job)}`).join();
  const before = React.useRef(states);
  React.useEffect(() => {
    if (before.current !== undefined && before.current !== states) {
      void shelf.refresh();
      void queue.refresh(); // a job keeps uploads to itself while it publishes them
    }
    before.current = states;
  }, [states, shelf, queue]);
  return { shelf, jobs, refresh };
}
