/** What would be built: as which tag, by what, with which revisions that no image has yet. */

import * as React from 'react';

import type { IJob } from '../../api/types';
import type { IHost } from '../../panel/host';
import { formatBytes } from '../../ui/bytes';
import { type Fact, Facts } from '../../ui/facts';
import { PlanDialog } from '../../ui/plan-dialog';
import { ReasonField } from '../../ui/reason-field';
import { formatSpan, RelativeTime } from '../../ui/time';
import type { IBuilding } from './building';
import type { IBuildPlan } from './client';

interface IBuildDialogProps {
  host: IHost;
  building: IBuilding;
  plan: IBuildPlan;
  onBegun(job: IJob): void;
}

export function BuildDialog({ host, building, plan, onBegun }: IBuildDialogProps): JSX.Element {
  const [reason, setReason] = React.useState('');
  return (
    <PlanDialog
      key={plan.id}
      plan={plan}
      applyLabel={`Build ${plan.tag}`}
      isEmpty={false}
      isBusy={building.isAsking}
      lacks={reason.trim() ? undefined : 'Say why first; it stays with the build'}
      apply={async () => {
        const job = await building.apply(reason.trim());
        onBegun(job); // its log is more than the bar that a dialog shows
        return { job };
      }}
      api={host.api}
      replan={building.start}
      replanProblem={building.problem}
      onClose={building.close}
    >
      <BuildFacts plan={plan} />
      <Revisions plan={plan} />
      <ReasonField
        label="Why it is built"
        hint="scipy for Tuesday's notebook"
        value={reason}
        onChange={setReason}
        isFocusedFirst
      />
      <p className="growth-Dialog-note">
        Students notice nothing: what is built is pushed under a tag of its own, and promoted by
        you.
      </p>
    </PlanDialog>
  );
}

function BuildFacts({ plan }: { plan: IBuildPlan }): JSX.Element {
  const { tag, revision, builder, last } = plan;
  const facts: Fact[] = [
    ['Source', `r${revision}`],
    ['Tag', <code key="tag">{tag}</code>],
    ['Built by', builder],
    [
      'Last image',
      last && (
        <span key="last">
          {last.tag}, <RelativeTime time={last.time} />
          {last.took_s !== null && `, took ${formatSpan(last.took_s)}`}
          {last.size_bytes !== null && `, ${formatBytes(last.size_bytes)}`}
        </span>
      )
    ]
  ];
  return <Facts facts={facts} />;
}

function Revisions({ plan }: { plan: IBuildPlan }): JSX.Element {
  const { items, last } = plan;
  return (
    <section className="growth-BuildPlan" aria-label="What is new in it">
      <h4>{last ? `New since ${last.tag}` : 'The first image that is built here'}</h4>
      {items.length === 0 ? (
        <p>No revision is newer than that image.</p>
      ) : (
        <ul>
          {items.map(({ target, detail }) => (
            <li key={target}>
              <b>{target}</b> {detail}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
