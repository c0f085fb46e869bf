/** Any image of the registry by its name, also one that the list is too long for. */

import * as React from 'react';

import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { ReasonField } from '../ui/reason-field';
import type { IMoving } from './moving';
import { ProblemBanner } from '../ui/problem-banner';

interface ILookUpDialogProps {
  /** Name of the image at its registry, without a tag. */
  name: string;
  moving: IMoving;
  onClose(): void;
}

export function LookUpDialog({ name, moving, onClose }: ILookUpDialogProps): JSX.Element {
  const [target, setTarget] = React.useState('');
  const isReady = target.trim() !== '' && !moving.isAsking;
  const start = (): void => moving.start(target.trim(), `Looking up ${target.trim()}`);
  return (
    <Dialog
      title="Promote an image by its tag or digest"
      onClose={onClose}
      footer={
        <>
          <Button label="Close" onClick={onClose} />
          <Button
            label={moving.isAsking ? 'Asking the registry' : 'Show the plan'}
            look="primary"
            isDisabled={!isReady}
            title={target.trim() ? undefined : 'Write a tag or a digest first'}
            onClick={start}
          />
        </>
      }
    >
      {moving.problem && <ProblemBanner problem={moving.problem} doing={moving.doing} />}
      <ReasonField
        label={`Tag, digest or the beginning of a digest of ${name}`}
        hint="git-1a2b3c4 or sha256:1a2b3c4d"
        value={target}
        onChange={setTarget}
        onEnter={() => isReady && start()}
      />
      <p className="growth-Dialog-note">Nothing changes yet: the plan comes first.</p>
    </Dialog>
  );
}
