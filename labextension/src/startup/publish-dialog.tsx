import * as React from 'react';

import { Problem } from '../api/problem';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { DiffView } from '../ui/diff-view';
import { Icon } from '../ui/icons';
import { ProblemBanner } from '../ui/problem-banner';
import { RelativeTime } from '../ui/time';
import { ReasonField, useFocusFirst } from '../ui/reason-field';
import { toEditor } from './line-ends';
import type { ScriptModel } from './script-model';
import { spellSteps } from './track';
import type { IPublished, IScript, Step } from './types';
import { useWideDialog } from './use-wide-dialog';

export interface IPublishDialogProps {
  model: ScriptModel;
  /** Steps of the track that the revision has not passed. */
  missing: readonly Step[];
  onClose(published: IPublished | null): void;
}

/** The last look before the class gets a revision: what changes, why, what was skipped. */
export function PublishDialog({ model, missing, onClose }: IPublishDialogProps): JSX.Element {
  const { script, head } = model;
  const box = useFocusFirst();
  const content = useWideDialog();
  const [reason, setReason] = React.useState(head?.revision.reason ?? '');
  const [skipReason, setSkipReason] = React.useState('');
  const [isBusy, setBusy] = React.useState(false);
  const [problem, setProblem] = React.useState<Problem | null>(null);
  const number = head?.revision.number ?? 0;
  const lacks =
    reason.trim() === ''
      ? 'Write the reason first'
      : missing.length > 0 && skipReason.trim() === ''
        ? 'Write first why steps are skipped'
        : '';
  const isReady = lacks === '' && !isBusy && head !== null;
  const publish = async (): Promise<void> => {
    setBusy(true);
    setProblem(null);
    try {
      const published = await model.client.publish(model.name, {
        revision: number,
        expected_live_sha256: script?.live_sha256 ?? '',
        reason: reason.trim(),
        skip_reason: missing.length > 0 ? skipReason.trim() : ''
      });
      void model.load();
      onClose(published);
    } catch (error) {
      setProblem(Problem.from(error));
      setBusy(false);
      void model.load(); // what is live may be another text by now
    }
  };
  const submit = (): void => {
    if (isReady) {
      void publish();
    }
  };
  const label = `Make r${number} live`;
  return (
    <Dialog
      title={`${label}: every server that starts from now on runs this ${model.name}`}
      onClose={() => onClose(null)}
      footer={
        <>
          <Button label="Leave it as it is" onClick={() => onClose(null)} />
          <Button
            label={isBusy ? 'Making it live' : label}
            look={missing.length > 0 ? 'danger' : 'primary'}
            isDisabled={!isReady}
            title={lacks || undefined}
            onClick={submit}
          />
        </>
      }
    >
      {problem && <ProblemBanner problem={problem} doing={label} />}
      <Warnings missing={missing} model={model} />
      {script && <LiveNow script={script} />}
      <div className="growth-Publish-diff" ref={content}>
        <DiffView
          before={toEditor(model.liveText)}
          after={toEditor(head?.text ?? '')}
          beforeLabel={script?.live_revision ? `live now: r${script.live_revision}` : 'live now'}
          afterLabel={`r${number}`}
          path={model.name}
        />
      </div>
      {missing.length > 0 && (
        <ReasonField
          label={`Why ${spellSteps(missing)} may be skipped (stays visible in the history)`}
          hint="for example: the exam begins in 10 minutes"
          value={skipReason}
          onChange={setSkipReason}
          onEnter={submit}
          box={box}
        />
      )}
      <ReasonField
        label="Why it is made live"
        value={reason}
        onChange={setReason}
        onEnter={submit}
        box={missing.length === 0 ? box : undefined}
      />
    </Dialog>
  );
}

function Warnings({
  missing,
  model
}: {
  missing: readonly Step[];
  model: ScriptModel;
}): JSX.Element {
  const errors = model.head?.revision.lint_errors ?? 0;
  const failed = (model.head?.evidence ?? []).filter(
    item => !item.is_passed && missing.includes(item.step)
  );
  return (
    <>
      {missing.includes('lint') && (
        <Warning text={`The lint found ${errors === 1 ? 'an error' : `${errors} errors`} in it.`} />
      )}
      {(['rehearsal', 'canary'] as const)
        .filter(step => missing.includes(step) && !failed.some(item => item.step === step))
        .map(step => (
          <Warning
            key={step}
            text={
              step === 'canary'
                ? 'No server has started with it yet: the canary was skipped.'
                : 'It was not rehearsed: nobody has seen what it does to a home.'
            }
          />
        ))}
      {failed.map(item => (
        <Warning key={item.job_id} text={`The ${item.step} failed: ${item.summary}`} />
      ))}
    </>
  );
}

function Warning({ text }: { text: string }): JSX.Element {
  return (
    <p className="growth-Warning">
      <Icon name="warn" />
      <span>{text}</span>
    </p>
  );
}

function LiveNow({ script }: { script: IScript }): JSX.Element {
  if (!script.is_present) {
    return <p>{`There is no ${script.name} yet: nothing of it runs now.`}</p>;
  }
  return (
    <p>
      Live now: {script.live_revision ? `r${script.live_revision}` : 'a text unknown here'}
      {script.published_by && ` by ${script.published_by}`}
      {script.published && (
        <>
          , <RelativeTime time={script.published} />
        </>
      )}
      . Servers that run already keep what they started with.
    </p>
  );
}
