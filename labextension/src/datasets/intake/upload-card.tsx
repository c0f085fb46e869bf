import * as React from 'react';

import type { IHost } from '../../panel/host';
import { formatBytes } from '../../ui/bytes';
import { Button } from '../../ui/button';
import { MiddleText } from '../../ui/middle-text';
import { ProblemBanner } from '../../ui/problem-banner';
import { StateBadge, type Tone } from '../../ui/state-badge';
import { formatAgo, formatCount, formatSpan, plural, useNow } from '../../ui/time';
import type { Draft } from '../draft';
import type { IShelf } from '../model';
import type { IPlanning } from '../planning';
import type { IUploadDrop, IUploadItem, IUploadQueue, UploadState } from '../uploads';
import { DiscardButton } from './discard-button';
import { DraftCard } from './draft-card';
import { DraftForm } from './draft-form';
import { guessOf } from './guess';
import { Replaces } from './probe-facts';
import { useDraft } from './use-draft';

const SHOWN_FILES = 5;
const TONES: Record<UploadState, Tone> = {
  waiting: 'idle',
  sending: 'busy',
  retrying: 'warn',
  paused: 'idle',
  done: 'ok',
  failed: 'error'
};

interface IUploadCardProps {
  host: IHost;
  drop: IUploadDrop;
  queue: IUploadQueue;
  shelf: IShelf | null;
  planning: IPlanning;
  onDiscard(): void;
}

/** Files on their way from this computer; how to publish them can be said meanwhile. */
export function UploadCard(props: IUploadCardProps): JSX.Element {
  const { host, drop, queue, shelf, planning } = props;
  const draft = useDropDraft(host, drop, shelf);
  const isLookedAt = draft.isAsking || Boolean(draft.probe ?? draft.problem);
  const look = (): void => void draft.look(drop.link);
  const { progress, isComplete } = drop;
  const forget = (): void => queue.forget(drop.key);
  return (
    <article className="growth-Upload" aria-label={`Upload of ${drop.title}`}>
      <div className="growth-Draft-head">
        <strong>
          <MiddleText text={drop.title} />
        </strong>
        <span className="growth-Quiet">
          {formatBytes(progress.size_bytes)} in {plural(progress.files, 'file')}
        </span>
        <UploadButtons
          drop={drop}
          queue={queue}
          onLook={isComplete && draft.link && !isLookedAt ? look : undefined}
          onDiscard={props.onDiscard}
        />
      </div>
      {!isComplete && <UploadProgress drop={drop} />}
      {!isComplete && <Files items={drop.items} />}
      {isComplete ? (
        <DraftCard
          draft={draft}
          shelf={shelf}
          planning={planning}
          onRetry={look}
          onClose={() => draft.rest()}
          onStarted={forget}
        />
      ) : (
        <>
          <dl className="growth-Facts">
            <SpaceLeft drop={drop} shelf={shelf} />
            <Replaces name={draft.options.name} probe={null} shelf={shelf} />
          </dl>
          <DraftForm
            draft={draft}
            shelf={shelf}
            planning={planning}
            waitsFor={`Can be published when it has arrived: ${percent(progress)} so far.`}
            onStarted={forget}
          />
        </>
      )}
    </article>
  );
}

/** The draft of one drop: what can be guessed at once, what the server says when it is there. */
function useDropDraft(host: IHost, drop: IUploadDrop, shelf: IShelf | null): Draft {
  const { title, items, link } = drop;
  const draft = useDraft(host, shelf, guessOf(title, items.length));
  React.useEffect(() => {
    if (link) {
      void draft.look(link);
    }
  }, [draft, link]);
  return draft;
}

interface IUploadButtonsProps extends Pick<IUploadCardProps, 'drop' | 'queue' | 'onDiscard'> {
  /** Look at what has arrived; not there while that is being done or was done. */
  onLook?(): void;
}

function UploadButtons({ drop, queue, onLook, onDiscard }: IUploadButtonsProps): JSX.Element {
  const states = drop.items.map(({ state }) => state);
  const isMoving = states.some(state => state === 'sending' || state === 'waiting');
  const canResume = states.some(
    state => state === 'paused' || state === 'failed' || state === 'retrying'
  );
  return (
    <span className="growth-Job-actions">
      {isMoving && <Button label="Pause" onClick={() => queue.pause(drop.key)} />}
      {!isMoving && canResume && (
        <Button label="Resume" look="primary" onClick={() => queue.resume(drop.key)} />
      )}
      {onLook && <Button label="Look at it" look="primary" onClick={onLook} />}
      <DiscardButton
        label={drop.isComplete ? 'Discard the upload' : 'Cancel'}
        sent_bytes={drop.progress.sent_bytes}
        title="Takes it off the list and off the server"
        onDiscard={onDiscard}
      />
    </span>
  );
}

function UploadProgress({ drop }: { drop: IUploadDrop }): JSX.Element {
  const { progress } = drop;
  const words = [
    `${formatBytes(progress.sent_bytes)} of ${formatBytes(progress.size_bytes)}`,
    progress.files > 1 && `${formatCount(progress.doneFiles)} of ${plural(progress.files, 'file')}`,
    progress.failedFiles > 0 && `${plural(progress.failedFiles, 'file')} failed`,
    progress.rate_bytes_per_s && `${formatBytes(progress.rate_bytes_per_s)}/s`,
    progress.remaining_s !== null && `about ${formatSpan(progress.remaining_s)} left`
  ];
  return (
    <div className="growth-Progress">
      <progress
        aria-label={`Upload of ${drop.title}`}
        max={Math.max(progress.size_bytes, 1)}
        value={progress.sent_bytes}
      />
      <span>{words.filter(Boolean).join(' · ')}</span>
    </div>
  );
}

/** What is going on, the troubled ones first; files that have arrived are only counted. */
function Files({ items }: { items: readonly IUploadItem[] }): JSX.Element | null {
  const now = useNow();
  const open = items
    .filter(({ state }) => state !== 'done')
    .sort((a, b) => urgency(b.state) - urgency(a.state));
  const troubled = open.find(({ state, problem }) => state === 'failed' && problem);
  if (items.length === 1 && open[0]?.state === 'sending') {
    return null;
  }
  return (
    <>
      {troubled?.problem && <ProblemBanner problem={troubled.problem} doing={troubled.name} />}
      <ul className="growth-Upload-files">
        {open.slice(0, SHOWN_FILES).map(item => (
          <li key={item.key}>
            <MiddleText text={item.relativePath || item.name} />
            <StateBadge
              tone={TONES[item.state]}
              word={
                item.state === 'retrying' && item.retryAt
                  ? `trying again ${formatAgo(item.retryAt, now)}`
                  : item.state
              }
              title={item.problem?.message}
            />
          </li>
        ))}
        {open.length > SHOWN_FILES && (
          <li className="growth-Quiet">{`and ${formatCount(open.length - SHOWN_FILES)} more`}</li>
        )}
      </ul>
    </>
  );
}

const URGENCIES: Record<UploadState, number> = {
  failed: 5,
  retrying: 4,
  sending: 3,
  paused: 2,
  waiting: 1,
  done: 0
};

function urgency(state: UploadState): number {
  return URGENCIES[state];
}

function SpaceLeft({ drop, shelf }: Pick<IUploadCardProps, 'drop' | 'shelf'>): JSX.Element | null {
  if (!shelf) {
    return null;
  }
  const missing = drop.progress.size_bytes - drop.progress.sent_bytes;
  const free = shelf.space.free_bytes;
  return (
    <>
      <dt>Free space</dt>
      <dd>
        {formatBytes(free)} now
        {free < missing && ` — ${formatBytes(missing - free)} too little for this upload`}
      </dd>
    </>
  );
}

function percent(progress: IUploadDrop['progress']): string {
  const share = progress.sent_bytes / Math.max(progress.size_bytes, 1);
  return `${Math.floor(100 * share)} %`;
}
