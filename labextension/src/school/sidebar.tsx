/** The sidebar: who I am, the areas, what runs, and who changed what last. */

import '../ui/style';

import * as React from 'react';

import { Problem } from '../api/problem';
import type { IAuditEntry, IMe } from '../api/types';
import { AuditModel } from '../audit/model';
import { JobsModel } from '../jobs/model';
import { isAdmin, openAreas } from '../panel/areas';
import type { ISchool } from '../panel/host';
import { Button } from '../ui/button';
import { Icon } from '../ui/icons';
import { isEnded, JobRow } from '../ui/job-row';
import { type Polled, usePolled } from '../ui/polled';
import { ProblemBanner } from '../ui/problem-banner';
import { Skeleton } from '../ui/skeleton';
import { RelativeTime } from '../ui/time';
import { AreaLine, jobsStamp, jobsStatus } from './area-line';

const LAST_CHANGES = 5;

export function Sidebar({ school }: { school: ISchool }): JSX.Element {
  const [me, setMe] = React.useState<IMe | null>(null);
  const [problem, setProblem] = React.useState<Problem | null>(null);
  const ask = React.useCallback(() => {
    setProblem(null);
    school.getMe().then(setMe, reason => setProblem(Problem.from(reason)));
  }, [school]);
  React.useEffect(ask, [ask]);
  if (problem) {
    return <ProblemBanner problem={problem} doing="Asking who you are" onRetry={ask} />;
  }
  return me ? <Overview school={school} me={me} /> : <Skeleton what="the school" />;
}

function Overview({ school, me }: { school: ISchool; me: IMe }): JSX.Element {
  const root = React.useRef<HTMLDivElement>(null);
  const jobs = usePolled(() => new JobsModel(school.api), root, [school]) as JobsModel;
  const changes = usePolled(() => new AuditModel(school.api, { limit: 3 * LAST_CHANGES }), root, [
    school
  ]);
  React.useEffect(() => {
    const refresh = (): void => {
      void jobs.refresh();
      void changes.refresh();
    };
    school.api.changed.connect(refresh);
    return () => {
      school.api.changed.disconnect(refresh);
    };
  }, [school, jobs, changes]);
  return (
    <div className="growth-Sidebar-body" ref={root}>
      <WhoIAm me={me} />
      <Section title="Areas">
        <ul className="growth-AreaList">
          {openAreas(me).map(area => (
            <li key={area.id}>
              <AreaLine
                area={area}
                me={me}
                api={school.api}
                known={area.id === 'jobs' ? jobsStatus(jobs.data) : undefined}
                stamp={jobsStamp(jobs.data, area.id)}
                onOpen={() => school.open(area.id)}
              />
            </li>
          ))}
        </ul>
      </Section>
      <Jobs school={school} jobs={jobs} />
      <Section title="Last changes" polled={changes} onMore={() => school.open('audit')}>
        {changes.data?.entries.length === 0 && (
          <p className="growth-Quiet">Nothing was changed yet.</p>
        )}
        <ul className="growth-Changes">
          {lastOf(changes.data?.entries ?? []).map(entry => (
            <Change key={entry.id} entry={entry} />
          ))}
        </ul>
      </Section>
    </div>
  );
}

/** The newest few; a job that was accepted stands under Jobs, and here when it has ended. */
function lastOf(entries: readonly IAuditEntry[]): IAuditEntry[] {
  return entries.filter(entry => entry.result !== 'accepted').slice(0, LAST_CHANGES);
}

function WhoIAm({ me }: { me: IMe }): JSX.Element {
  const role = isAdmin(me) ? 'admin' : me.areas.join(', ');
  return (
    <div className="growth-Me">
      <strong title={me.login}>{me.login}</strong>
      <span>
        {role}
        {me.standalone && ' · standalone: no hub, no servers'}
        {me.server_name && ` · on the server ${me.server_name}`}
      </span>
    </div>
  );
}

interface ISectionProps {
  title: string;
  polled?: Polled<unknown>;
  onMore?(): void;
  children: React.ReactNode;
}

function Section({ title, polled, onMore, children }: ISectionProps): JSX.Element {
  const id = React.useId();
  return (
    <section aria-labelledby={id} className="growth-Section">
      <div className="growth-Section-head">
        <h3 id={id}>{title}</h3>
        {onMore && <Button label="Show all" look="link" onClick={onMore} />}
      </div>
      {polled?.problem && (
        <ProblemBanner
          problem={polled.problem}
          tone="warn"
          doing={`Reading ${title.toLowerCase()}`}
          onRetry={() => void polled.refresh()}
        />
      )}
      {children}
    </section>
  );
}

function Jobs({ school, jobs }: { school: ISchool; jobs: JobsModel }): JSX.Element {
  const shown = (jobs.data ?? [])
    .filter(job => !isEnded(job) || job.state === 'failed')
    .slice(0, 8);
  return (
    <Section title="Jobs" polled={jobs} onMore={() => school.open('jobs')}>
      {jobs.data && shown.length === 0 && <p className="growth-Quiet">No job is running.</p>}
      {shown.map(job => (
        <JobRow
          key={job.id}
          job={job}
          isCompact
          onCancel={() => jobs.cancelJob(job)}
          onResume={() => jobs.resumeJob(job)}
          onDismiss={() => jobs.dismissJob(job)}
        />
      ))}
    </Section>
  );
}

function Change({ entry }: { entry: IAuditEntry }): JSX.Element {
  const isBad = entry.result === 'failed' || entry.result === 'refused';
  const isJob = entry.target.startsWith('job '); // its action says it all; the id is noise here
  const isSaid = isJob || entry.action.includes(entry.target);
  const text = [entry.action, isSaid ? '' : entry.target].filter(Boolean).join(' ');
  return (
    <li title={entry.detail || undefined}>
      <span className="growth-Changes-what">
        {isBad && <Icon name="warn" />} {text}
        {isBad && ` (${entry.result})`}
      </span>
      <span className="growth-Changes-who">
        {entry.user} · <RelativeTime time={entry.time} />
      </span>
    </li>
  );
}
