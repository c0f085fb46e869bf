import * as React from 'react';

import type { IAction } from '../../panel/actions';
import { ActionButton, Button } from '../../ui/button';

interface INextBuildProps {
  build: IAction;
  /** Shows the pull requests, where a change has to be merged first. */
  showWaiting?(): void;
  /** Closes what stands above the plan of the build. */
  onLeave(): void;
}

/** Under a receipt: the lists alone change nothing for students. */
export function NextBuild({ build, showWaiting, onLeave }: INextBuildProps): JSX.Element {
  if (showWaiting) {
    const look = (): void => {
      onLeave();
      showWaiting();
    };
    return (
      <div className="growth-Next">
        <p>Nothing is built of it yet: the pull request is merged first.</p>
        <Button label="Look at the pull request" onClick={look} />
      </div>
    );
  }
  const execute = (): void => {
    onLeave();
    build.execute();
  };
  return (
    <div className="growth-Next">
      <p>Nothing changed for students: the image is built and promoted next.</p>
      {build.isEnabled && <ActionButton action={{ ...build, look: undefined, execute }} />}
    </div>
  );
}
