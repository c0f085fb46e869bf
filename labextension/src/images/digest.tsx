import * as React from 'react';

import { Button } from '../ui/button';
import { useCopy } from '../ui/copy';
import { shortOf } from './words';

/** The beginning of a digest, and a button that copies all of it. */
export function Digest({ digest }: { digest: string }): JSX.Element {
  const [copied, copy] = useCopy();
  if (!digest) {
    return <span className="growth-None">nothing</span>;
  }
  return (
    <span className="growth-Digest">
      <code title={digest}>{shortOf(digest)}</code>
      <span
        // a click on the button is none on the row around it
        onClick={event => event.stopPropagation()}
      >
        <Button
          label={copied ? 'Copied' : `Copy ${shortOf(digest)} in full`}
          icon={copied ? 'ok' : 'copy'}
          isIconOnly
          look="link"
          onClick={() => copy(digest)}
        />
      </span>
    </span>
  );
}
