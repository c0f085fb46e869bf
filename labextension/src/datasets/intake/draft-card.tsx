import * as React from 'react';

import { Button } from '../../ui/button';
import { useModel } from '../../ui/polled';
import { ProblemBanner } from '../../ui/problem-banner';
import { Skeleton } from '../../ui/skeleton';
import type { Draft } from '../draft';
import type { IShelf } from '../model';
import type { IPlanning } from '../planning';
import { DraftForm } from './draft-form';
import { ProbeFacts } from './probe-facts';

interface IDraftCardProps {
  draft: Draft;
  shelf: IShelf | null;
  planning: IPlanning;
  onRetry(): void;
  onClose(): void;
  /** Called when it was started; without it `onClose`. */
  onStarted?(): void;
}

/** What a link stands for and how it would be published. Nothing was fetched yet. */
export function DraftCard(props: IDraftCardProps): JSX.Element {
  const draft = useModel(props.draft);
  const { probe, problem, isAsking } = draft;
  return (
    <section className="growth-Draft" aria-label="What it is" aria-busy={isAsking}>
      {isAsking && (
        <>
          <div className="growth-Draft-head">
            <span role="status">{`Asking ${placeOf(draft.link)} what this is. Nothing is fetched yet.`}</span>
            <Button label="Stop asking" look="link" onClick={props.onClose} />
          </div>
          <Skeleton what="what the link stands for" rows={3} />
        </>
      )}
      {problem && (
        <ProblemBanner
          problem={problem}
          doing="Looking at the link"
          onRetry={props.onRetry}
          onDismiss={props.onClose}
        />
      )}
      {probe && (
        <>
          <ProbeFacts probe={probe} shelf={props.shelf} options={draft.options} />
          <DraftForm
            draft={draft}
            shelf={props.shelf}
            planning={props.planning}
            onStarted={props.onStarted ?? props.onClose}
          />
        </>
      )}
    </section>
  );
}

function placeOf(link: string): string {
  try {
    return new URL(link.trim()).host || 'the hub';
  } catch {
    return 'the hub';
  }
}
