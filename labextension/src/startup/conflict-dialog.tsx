import * as React from 'react';

import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { DiffView } from '../ui/diff-view';
import { Tabs } from '../ui/tabs';
import { plural } from '../ui/time';
import { type IConflict, mergeConflict, type Resolution, spellHead } from './conflict';
import { toEditor } from './line-ends';
import { useWideDialog } from './use-wide-dialog';

export interface IConflictDialogProps {
  script: string;
  conflict: IConflict;
  onSettle(resolution: Resolution): void;
  onClose(): void;
}

/** What both did since the common base, and the three ways to go on. */
export function ConflictDialog(props: IConflictDialogProps): JSX.Element {
  const { script, conflict, onSettle } = props;
  const [tab, setTab] = React.useState('merged');
  const merged = React.useMemo(() => mergeConflict(conflict), [conflict]);
  const words = wordsFor(conflict);
  const content = useWideDialog();
  const places = merged.conflictCount;
  const diff = (
    before: string,
    after: string,
    beforeLabel: string,
    afterLabel: string
  ): JSX.Element => (
    <DiffView
      before={toEditor(before)}
      after={toEditor(after)}
      beforeLabel={beforeLabel}
      afterLabel={afterLabel}
      path={script}
    />
  );
  return (
    <Dialog
      title={`${script}: ${words.title}`}
      onClose={props.onClose}
      footer={
        <>
          <Button label="Decide later" onClick={props.onClose} />
          <Button
            label={words.theirs}
            title="Your text is kept and offered again"
            onClick={() => onSettle('theirs')}
          />
          <Button
            label={words.mine}
            title={`${words.other} stays in the history, but its changes leave the text`}
            onClick={() => onSettle('mine')}
          />
          <Button
            label={places > 0 ? `Merge both and mend ${plural(places, 'place')}` : 'Merge both'}
            look="primary"
            isFocusedFirst
            onClick={() => onSettle('merge')}
          />
        </>
      }
    >
      <div className="growth-Conflict" ref={content}>
        {conflict.head && (
          <p>
            {`${conflict.head.author} saved r${conflict.head.number}: “${conflict.head.reason}”. `}
            Nothing of yours is lost, and nothing is saved until you save again.
          </p>
        )}
        <p>
          {places > 0
            ? `You both changed the same lines in ${plural(places, 'place')}: the merge holds both, between marks, and you choose.`
            : 'Your changes and theirs are in different places: the merge has both.'}
        </p>
        <Tabs
          label="What to compare"
          current={tab}
          onChange={setTab}
          tabs={[
            {
              id: 'merged',
              label: 'Merge',
              render: () => diff(conflict.theirs, merged.text, words.other, 'merge of both')
            },
            {
              id: 'theirs',
              label: 'What they changed',
              render: () => diff(conflict.base, conflict.theirs, 'where you began', words.other)
            },
            {
              id: 'mine',
              label: 'What you changed',
              render: () => diff(conflict.base, conflict.yours, 'where you began', 'your text')
            },
            {
              id: 'both',
              label: 'Theirs and yours',
              render: () => diff(conflict.theirs, conflict.yours, words.other, 'your text')
            }
          ]}
        />
      </div>
    </Dialog>
  );
}

interface IWords {
  title: string;
  other: string;
  theirs: string;
  mine: string;
}

/** The words for a save that came second, and for a draft that is older than the text shown. */
function wordsFor({ head }: IConflict): IWords {
  return head
    ? {
        title: `${head.author} saved r${head.number} while you edited`,
        other: spellHead(head),
        theirs: `Take r${head.number}, theirs`,
        mine: 'Keep mine on top of theirs'
      }
    : {
        title: 'your older unsaved text and what is in the editor now',
        other: 'in the editor now',
        theirs: 'Keep what is in the editor',
        mine: 'Take the older text'
      };
}
