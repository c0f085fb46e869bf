import * as React from 'react';

import { useActions } from '../../panel/actions';
import type { IHost } from '../../panel/host';
import { Button } from '../../ui/button';
import { useModel } from '../../ui/polled';
import type { Draft } from '../draft';
import type { IShelf } from '../model';
import type { IPlanning } from '../planning';
import type { IUploadQueue } from '../uploads';
import { DraftCard } from './draft-card';
import { Unfinished, useDiscarding } from './unfinished';
import { UploadCard } from './upload-card';
import { useDraft } from './use-draft';

interface IIntakeProps {
  host: IHost;
  queue: IUploadQueue;
  shelf: IShelf | null;
  planning: IPlanning;
}

/** Where data comes in: a link, files or a folder; what it is, before anything is fetched. */
export function Intake({ host, queue, shelf, planning }: IIntakeProps): JSX.Element {
  const box = React.useRef<HTMLInputElement>(null);
  const files = React.useRef<HTMLInputElement>(null);
  const folder = React.useRef<HTMLInputElement>(null);
  const draft = useDraft(host, shelf);
  const discarding = useDiscarding(queue);
  useModel(queue);
  useActions(host.actions, [
    enabled('datasets-paste-link', 'Publish data from a link', () => box.current?.focus()),
    enabled('datasets-choose-files', 'Publish files', () => files.current?.click()),
    enabled('datasets-choose-folder', 'Publish a folder', () => folder.current?.click())
  ]);
  return (
    <section className="growth-Intake" aria-label="Bring data in">
      <div className="growth-Intake-zone">
        <LinkBox draft={draft} input={box} />
        <div className="growth-Intake-files">
          <span>or drop files anywhere here:</span>
          <Button label="Choose files" onClick={() => files.current?.click()} />
          <Button label="Choose a folder" onClick={() => folder.current?.click()} />
          <FileInput input={files} queue={queue} label="Files to publish" />
          <FileInput input={folder} queue={queue} label="Folder to publish" isFolder />
        </div>
      </div>
      {(draft.isAsking || draft.probe || draft.problem) && (
        <DraftCard
          draft={draft}
          shelf={shelf}
          planning={planning}
          onRetry={() => void draft.look()}
          onClose={() => {
            draft.clear();
            box.current?.focus();
          }}
        />
      )}
      {queue.drops.map(drop => (
        <UploadCard
          key={drop.key}
          host={host}
          drop={drop}
          queue={queue}
          shelf={shelf}
          planning={planning}
          onDiscard={() => void discarding.run(() => queue.cancel(drop.key))}
        />
      ))}
      <Unfinished
        host={host}
        queue={queue}
        shelf={shelf}
        planning={planning}
        discarding={discarding}
      />
    </section>
  );
}

function enabled(
  id: string,
  label: string,
  execute: () => void
): { id: string; label: string; isEnabled: boolean; execute(): void } {
  return { id, label, isEnabled: true, execute };
}

interface ILinkBoxProps {
  draft: Draft;
  input: React.RefObject<HTMLInputElement>;
}

function LinkBox({ draft, input }: ILinkBoxProps): JSX.Element {
  const isEmpty = !draft.link.trim();
  return (
    <form
      className="growth-LinkBox"
      onSubmit={event => {
        event.preventDefault();
        void draft.look();
      }}
    >
      <input
        ref={input}
        type="text"
        aria-label="Link to the data"
        placeholder="Paste a Drive link, a URL, a Zenodo record, or drop files"
        autoComplete="off"
        spellCheck={false}
        value={draft.link}
        onChange={event => draft.type(event.target.value)}
        onKeyDown={event => {
          if (event.key === 'Escape' && draft.link) {
            event.stopPropagation();
            event.preventDefault();
            draft.clear();
          }
        }}
      />
      <Button
        label="Look at it"
        look={draft.probe ? 'plain' : 'primary'}
        isDisabled={isEmpty || draft.isAsking}
        title={isEmpty ? 'Paste a link first' : 'Asks what it is; nothing is fetched yet'}
        onClick={() => void draft.look()}
      />
    </form>
  );
}

interface IFileInputProps {
  input: React.RefObject<HTMLInputElement>;
  queue: IUploadQueue;
  label: string;
  isFolder?: boolean;
}

/** The browser's file chooser; the buttons beside it open it. */
function FileInput({ input, queue, label, isFolder = false }: IFileInputProps): JSX.Element {
  React.useEffect(() => {
    input.current?.toggleAttribute('webkitdirectory', isFolder);
  }, [input, isFolder]);
  return (
    <input
      ref={input}
      type="file"
      hidden
      multiple
      aria-label={label}
      onChange={event => {
        const { files } = event.target;
        if (files && files.length > 0) {
          queue.addFiles([...files]);
        }
        event.target.value = ''; // the same files can be chosen again
      }}
    />
  );
}
