import * as React from 'react';

import { Problem } from '../../api/problem';
import type { IHost } from '../../panel/host';
import { formatBytes } from '../../ui/bytes';
import { Button } from '../../ui/button';
import { MiddleText } from '../../ui/middle-text';
import { ProblemBanner } from '../../ui/problem-banner';
import { plural, RelativeTime } from '../../ui/time';
import type { IShelf } from '../model';
import type { IPlanning } from '../planning';
import type { IUnfinishedUpload, IUploadQueue } from '../uploads';
import { DiscardButton } from './discard-button';
import { DraftCard } from './draft-card';
import { useDraft } from './use-draft';

interface IUnfinishedProps {
  host: IHost;
  queue: IUploadQueue;
  shelf: IShelf | null;
  planning: IPlanning;
  discarding: IDiscarding;
}

export interface IDiscarding {
  /** Why the last upload is still there. */
  problem: Problem | null;
  /** Do what takes an upload off the server. */
  run(work: () => Promise<void>): Promise<void>;
  dismiss(): void;
}

/** Takes uploads off the server; what stays there after all is listed again. */
export function useDiscarding(queue: IUploadQueue): IDiscarding {
  const [problem, setProblem] = React.useState<Problem | null>(null);
  return {
    problem,
    run: async work => {
      setProblem(null);
      try {
        await work();
      } catch (reason) {
        setProblem(Problem.from(reason));
      }
      await queue.refresh();
    },
    dismiss: () => setProblem(null)
  };
}

/** Uploads of one drop that an earlier page has left on the server. */
interface ILeft {
  key: string;
  title: string;
  uploads: readonly IUnfinishedUpload[];
  isComplete: boolean;
  link: string;
}

/** Return what was left, one line for each drop. */
export function groupLeft(uploads: readonly IUnfinishedUpload[]): ILeft[] {
  const groups = new Map<string, IUnfinishedUpload[]>();
  for (const upload of uploads) {
    const key = upload.batch || upload.id;
    groups.set(key, [...(groups.get(key) ?? []), upload]);
  }
  return [...groups].map(([key, members]) => ({
    key,
    title: titleOf(members),
    uploads: members,
    isComplete: members.every(({ isComplete }) => isComplete),
    link: members[0].link
  }));
}

function titleOf(uploads: readonly IUnfinishedUpload[]): string {
  const folders = new Set(uploads.map(({ relativePath }) => relativePath.split('/')[0]));
  if (uploads.length === 1) {
    return uploads[0].relativePath || uploads[0].name;
  }
  const [folder] = folders;
  return folders.size === 1 && folder ? folder : plural(uploads.length, 'file');
}

/** What was on its way when a page was left: choose the file again, publish, or discard. */
export function Unfinished(props: IUnfinishedProps): JSX.Element | null {
  const { queue, discarding } = props;
  const { problem } = discarding;
  React.useEffect(() => {
    void queue.refresh();
  }, [queue]);
  const groups = groupLeft(queue.unfinished);
  const discard = async ({ uploads }: ILeft): Promise<void> => {
    for (const { id } of uploads) {
      await queue.discard(id);
    }
  };
  return (
    <>
      {(problem ?? queue.problem) && (
        <ProblemBanner
          problem={(problem ?? queue.problem)!}
          doing={problem ? 'Discarding the upload' : 'Listing uploads'}
          tone="warn"
          onRetry={problem ? undefined : () => void queue.refresh()}
          onDismiss={problem ? discarding.dismiss : undefined}
        />
      )}
      {groups.map(group => (
        <Left
          key={group.key}
          {...props}
          group={group}
          onDiscard={() => discarding.run(() => discard(group))}
        />
      ))}
    </>
  );
}

interface ILeftProps extends IUnfinishedProps {
  group: ILeft;
  /** Resolves when it is gone, or is known to stay. */
  onDiscard(): Promise<void>;
}

function Left({ group, onDiscard, ...props }: ILeftProps): JSX.Element {
  const { host, queue, shelf, planning } = props;
  const draft = useDraft(host, shelf);
  const [isGoing, setGoing] = React.useState(false);
  const [first] = group.uploads;
  const sum = (of: (upload: IUnfinishedUpload) => number): number =>
    group.uploads.reduce((total, upload) => total + of(upload), 0);
  return (
    <article className="growth-Upload" aria-label={`Earlier upload of ${group.title}`}>
      <div className="growth-Draft-head">
        <strong>
          <MiddleText text={group.title} />
        </strong>
        <span className="growth-Quiet">
          {formatBytes(sum(upload => upload.offset_bytes))} of{' '}
          {formatBytes(sum(upload => upload.size_bytes))} on the server, from {first.created_by},{' '}
          <RelativeTime time={first.created} />
        </span>
        <span className="growth-Job-actions">
          {group.isComplete && !draft.link && (
            <Button label="Look at it" look="primary" onClick={() => void draft.look(group.link)} />
          )}
          <DiscardButton
            label={isGoing ? 'Discarding' : 'Discard the upload'}
            sent_bytes={sum(upload => upload.offset_bytes)}
            isDisabled={isGoing}
            onDiscard={() => {
              setGoing(true);
              void onDiscard().finally(() => setGoing(false));
            }}
          />
        </span>
      </div>
      {!group.isComplete && (
        <p className="growth-Quiet">
          {group.uploads.length === 1
            ? 'Choose the file again to go on: what has arrived is not sent twice.'
            : 'Choose the same files or folder again to go on: what has arrived is not sent twice.'}
        </p>
      )}
      {draft.link && (
        <DraftCard
          draft={draft}
          shelf={shelf}
          planning={planning}
          onRetry={() => void draft.look(group.link)}
          onClose={() => {
            draft.clear();
            void queue.refresh();
          }}
        />
      )}
    </article>
  );
}
