import * as React from 'react';

import { Problem } from '../../api/problem';
import { ProblemBanner } from '../../ui/problem-banner';
import type { IUploadQueue } from '../uploads';

interface IDropTargetProps {
  root: React.RefObject<HTMLDivElement>;
  queue: IUploadQueue;
  className: string;
  children: React.ReactNode;
}

const NO_FILES = new Problem({
  status: 0,
  title: 'There is no file in it',
  detail: '',
  hint: 'Drop files, or a folder that holds some.'
});

/** The whole panel takes files that are dropped, so that nobody has to aim. */
export function DropTarget({ root, queue, className, children }: IDropTargetProps): JSX.Element {
  const [isOver, setOver] = React.useState(false);
  const [problem, setProblem] = React.useState<Problem | null>(null);
  return (
    <div
      ref={root}
      className={className}
      data-dropping={isOver || undefined}
      onDragOver={event => {
        if (hasFiles(event.dataTransfer)) {
          event.preventDefault();
          event.stopPropagation();
          event.dataTransfer.dropEffect = 'copy';
          setOver(true);
        }
      }}
      onDragLeave={event => {
        if (!event.currentTarget.contains(event.relatedTarget as Node | null)) {
          setOver(false);
        }
      }}
      onDrop={event => {
        setOver(false);
        if (!hasFiles(event.dataTransfer)) {
          return;
        }
        event.preventDefault();
        event.stopPropagation();
        setProblem(null);
        queue.addDropped(event.dataTransfer).then(
          drop => setProblem(drop ? null : NO_FILES),
          reason => setProblem(Problem.from(reason))
        );
      }}
    >
      {problem && (
        <ProblemBanner
          problem={problem}
          doing="Reading what was dropped"
          onDismiss={() => setProblem(null)}
        />
      )}
      {children}
    </div>
  );
}

function hasFiles(transfer: DataTransfer): boolean {
  return [...transfer.types].includes('Files');
}
