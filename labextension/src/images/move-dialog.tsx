/** The plan to move the tag: what changes, why it may be refused, the reason, the receipt. */

import * as React from 'react';

import type { IHost } from '../panel/host';
import { ActionButton, Button } from '../ui/button';
import type { IAction } from '../panel/actions';
import { formatBytes } from '../ui/bytes';
import { type Fact, Facts } from '../ui/facts';
import { PlanDialog } from '../ui/plan-dialog';
import { ReasonField, useFocusFirst } from '../ui/reason-field';
import { StateBadge } from '../ui/state-badge';
import { formatMinute, plural } from '../ui/time';
import { Digest } from './digest';
import { type IMoving, isRollBack } from './moving';
import type { IImage, IImagePlan } from './types';
import { gateWord, shortOf, spellGrowth } from './words';

interface IMoveDialogProps {
  host: IHost;
  moving: IMoving;
  plan: IImagePlan;
  /** What students get now, where it is known. */
  before: IImage | null;
  /** Best name of the image, or its digest. */
  label: string;
  /** Hands those on another image than this one to the servers panel. */
  restartFor(digest: string): IAction;
  onClose(): void;
}

export function MoveDialog(props: IMoveDialogProps): JSX.Element {
  const { host, moving, plan, label } = props;
  const [reason, setReason] = React.useState('');
  const [said, setForce] = React.useState<string | null>(null);
  const force = plan.needs_force ? said : null; // its checks may have passed since it was written
  const isBack = isRollBack(plan);
  return (
    <PlanDialog
      key={plan.id}
      plan={plan}
      applyLabel={
        force !== null
          ? `Promote ${label} past its checks`
          : `${isBack ? 'Roll back to' : 'Promote'} ${label}`
      }
      isDanger={force !== null}
      isEmpty={plan.from_digest === plan.to_digest}
      isBusy={moving.isAsking}
      lacks={lackOf(plan, reason, force)}
      apply={() => moving.apply(reason.trim(), force?.trim() ?? '')}
      api={host.api}
      replan={moving.again}
      replanProblem={moving.problem}
      next={<Next plan={plan} restart={props.restartFor(plan.to_digest)} onLeave={props.onClose} />}
      onClose={({ receipt }) => {
        moving.close(receipt);
        props.onClose();
      }}
    >
      <PlanFacts plan={plan} before={props.before} label={label} />
      {plan.is_possible && (
        <>
          <ReasonField
            label={isBack ? 'Why it is taken back' : 'Why students get it'}
            hint={isBack ? 'notebook 3 fails with the new one' : 'adds the packages for week 4'}
            value={reason}
            onChange={setReason}
            isFocusedFirst
          />
          {plan.needs_force && <Force plan={plan} force={force} onForce={setForce} />}
        </>
      )}
    </PlanDialog>
  );
}

/** Return what is still missing before the tag can be moved. */
export function lackOf(plan: IImagePlan, reason: string, force: string | null): string | undefined {
  if (!plan.is_possible) {
    return 'It would be refused: the reason stands above';
  }
  if (plan.needs_force && force === null) {
    return 'Its checks have not passed: run them, or force it with a reason';
  }
  if (!reason.trim()) {
    return 'Say why first; it stays in the timeline';
  }
  return force !== null && !force.trim() ? 'Say why it may pass its checks' : undefined;
}

interface IPlanFactsProps {
  plan: IImagePlan;
  before: IImage | null;
  label: string;
}

/** From what to what, in the words that one compares. */
function PlanFacts({ plan, before, label }: IPlanFactsProps): JSX.Element {
  const { image, gate, from_digest: from, to_digest: to } = plan;
  const growth = before && before.digest !== to ? image.size_bytes - before.size_bytes : null;
  const facts: Fact[] = [
    ['Image', label === shortOf(to) ? '' : label],
    ['Digest', <Digest key="to" digest={to} />],
    ['Instead of', <Digest key="from" digest={from} />],
    ['Checks', <StateBadge key="gate" {...gateWord(gate)} />],
    ['Built', image.created && formatMinute(new Date(image.created))],
    [
      'Size',
      image.size_bytes > 0 &&
        formatBytes(image.size_bytes) + (growth === null ? '' : `, ${spellGrowth(growth)} than now`)
    ],
    ['For', image.platforms.join(', ')]
  ];
  return <Facts facts={facts} />;
}

interface IForceProps {
  plan: IImagePlan;
  force: string | null;
  onForce(force: string | null): void;
}

/** That it is refused without passed checks, and the one way past that. */
function Force({ plan, force, onForce }: IForceProps): JSX.Element {
  return (
    <section className="growth-Force" aria-label="Past its checks">
      <p>
        <b>Refused without passed checks.</b> {plan.gate.sentence} Run the checks and record them,
        or give a reason to promote it all the same: it stays in the timeline and in Changes.
      </p>
      {force === null ? (
        <Button label="Force with a reason" onClick={() => onForce('')} />
      ) : (
        <ForceReason force={force} onForce={onForce} />
      )}
    </section>
  );
}

interface IForceReasonProps {
  force: string;
  onForce(force: string | null): void;
}

/** The focus goes into the field that was asked for. */
function ForceReason({ force, onForce }: IForceReasonProps): JSX.Element {
  const box = useFocusFirst();
  return (
    <>
      <ReasonField
        label="Why it may pass its checks"
        hint="class begins in 10 minutes; only a font was added"
        value={force}
        onChange={onForce}
        box={box}
      />
      <Button label="Do not force it" look="link" onClick={() => onForce(null)} />
    </>
  );
}

interface INextProps {
  plan: IImagePlan;
  restart: IAction;
  onLeave(): void;
}

/** The tag alone changes nothing for those who work already. */
function Next({ plan, restart, onLeave }: INextProps): JSX.Element {
  const { servers } = plan;
  return (
    <div className="growth-Next">
      <p>
        New servers start with it.{' '}
        {servers === null
          ? 'Servers that run keep what they started with until they are restarted.'
          : servers === 0
            ? 'No running server has another image.'
            : `${plural(servers, 'running server')} ${servers === 1 ? 'keeps' : 'keep'} another image until ${servers === 1 ? 'it is' : 'they are'} restarted.`}
      </p>
      {servers !== 0 && restart.isEnabled && (
        <ActionButton
          action={{
            ...restart,
            look: undefined,
            execute: () => {
              onLeave();
              restart.execute();
            }
          }}
        />
      )}
    </div>
  );
}
