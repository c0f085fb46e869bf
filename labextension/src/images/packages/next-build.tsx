import * as React from 'react';

import type { IAction } from '../../panel/actions';
import { ActionButton } from '../../ui/button';

interface INextBuildProps {
  build: IAction;
  /** Closes what stands above the plan of the build. */
  onLeave(): void;
}

/** Under a receipt: the lists alone change nothing for students. */
export function NextBuild({ build, onLeave }: INextBuildProps): JSX.Element {
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
