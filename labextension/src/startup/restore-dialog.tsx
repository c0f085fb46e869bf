import * as React from 'react';

import type { ScriptModel } from './script-model';
import { ReasonDialog } from './reason-dialog';
import type { IPublished, IRevision } from './types';

export interface IRestoreDialogProps {
  model: ScriptModel;
  revision: IRevision;
  onClose(published: IPublished | null): void;
}

/** An old text brought back as a new revision; if it was live once, live again with one click. */
export function RestoreDialog({ model, revision, onClose }: IRestoreDialogProps): JSX.Element {
  const { name } = model;
  const restored = React.useRef<number | null>(null);
  const wasLive = model.history?.publications.some(({ sha256 }) => sha256 === revision.sha256);
  const restore = async (reason: string): Promise<number> => {
    if (restored.current === null) {
      const saved = await model.client.restoreRevision(name, revision.number, reason);
      restored.current = saved.revision.number;
    }
    return restored.current;
  };
  const onlyRestore = async (reason: string): Promise<void> => {
    await restore(reason);
    await model.load();
    onClose(null);
  };
  const alsoPublish = async (reason: string): Promise<void> => {
    const number = await restore(reason);
    try {
      const published = await model.client.publish(name, {
        revision: number,
        expected_live_sha256: model.script?.live_sha256 ?? '',
        reason
      });
      onClose(published);
    } finally {
      await model.load();
    }
  };
  return (
    <ReasonDialog
      title={`Restore r${revision.number} of ${name}, by ${revision.author}`}
      label="Why it is restored"
      hint="for example: r33 stopped every start"
      cancelLabel="Restore nothing"
      choices={[
        {
          label: 'Only bring its text back',
          look: wasLive ? 'plain' : 'primary',
          run: onlyRestore
        },
        ...(wasLive
          ? [{ label: 'Restore and make live', look: 'primary' as const, run: alsoPublish }]
          : [])
      ]}
      onClose={() => onClose(null)}
    >
      <p>
        {`Its text becomes the newest revision; all others stay in the history. `}
        {wasLive
          ? 'It was live before, so it can be made live again without a new rehearsal and canary.'
          : 'It was never live: rehearse it and try it on the canary before you make it live.'}
      </p>
    </ReasonDialog>
  );
}
