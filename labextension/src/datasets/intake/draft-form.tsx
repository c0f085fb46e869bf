import * as React from 'react';

import { Button } from '../../ui/button';
import { formatCount, plural } from '../../ui/time';
import type { Draft, IDraftOptions } from '../draft';
import type { IShelf } from '../model';
import type { IPlanning } from '../planning';
import type { Delivery } from '../types';

interface IDraftFormProps {
  draft: Draft;
  shelf: IShelf | null;
  planning: IPlanning;
  /** Why it cannot be published yet: "The upload is at 34 %". */
  waitsFor?: string;
  onStarted(): void;
}

const DELIVERIES: Record<Delivery, string> = {
  link: 'a link: read only, always the current version',
  copy: 'a copy of their own: edits are kept'
};

/** Name, options, and the button that leads to the plan. */
export function DraftForm(props: IDraftFormProps): JSX.Element {
  const { draft, planning, waitsFor } = props;
  const { options, faults } = draft;
  const archive = (draft.probe ?? draft.guess)?.archive;
  const fault = Object.values(faults)[0];
  const why = waitsFor ?? fault;
  const set = (part: Partial<IDraftOptions>): void => draft.choose(part);
  const publish = (): void => {
    if (!why && !planning.isAsking) {
      planning.start(draft.request, props.onStarted);
    }
  };
  return (
    <form
      className="growth-DraftForm"
      onSubmit={event => {
        event.preventDefault();
        publish();
      }}
    >
      <Field
        label="Name"
        fault={faults.name}
        hint="What students type and see below the data folder"
      >
        <input
          type="text"
          value={options.name}
          spellCheck={false}
          autoComplete="off"
          onChange={event => set({ name: event.target.value })}
        />
      </Field>
      <Field label="Students get">
        <select
          value={options.delivery}
          onChange={event => set({ delivery: event.target.value as Delivery })}
        >
          {Object.entries(DELIVERIES).map(([value, words]) => (
            <option key={value} value={value}>
              {words}
            </option>
          ))}
        </select>
      </Field>
      {(archive || options.extract) && (
        <label className="growth-DraftForm-check">
          <input
            type="checkbox"
            checked={options.extract}
            onChange={event => set({ extract: event.target.checked })}
          />
          {spellUnpack(draft)}
        </label>
      )}
      <Advanced draft={draft} />
      <div className="growth-DraftForm-actions">
        <Button
          label={planning.isAsking ? 'Planning' : `Publish ${options.name || 'it'}`}
          look="primary"
          isDisabled={Boolean(why) || planning.isAsking}
          title={why ?? 'Shows the plan first'}
          onClick={publish}
        />
        <span className="growth-Quiet" role="status">
          {why ?? 'You see the plan before anything is fetched.'}
        </span>
      </div>
    </form>
  );
}

/** Return what is unpacked, and of a folder how many files that are. */
function spellUnpack({ probe, guess, hasOneFile }: Draft): string {
  const archive = (probe ?? guess)?.archive;
  if (!archive) {
    return 'Unpack archives';
  }
  if (!probe || hasOneFile) {
    return `Unpack the ${archive} archive`;
  }
  const { archives, files, is_complete } = probe;
  return archives === 1
    ? `Unpack the one archive of the folder (${archive})`
    : `Unpack ${is_complete ? '' : 'at least '}${formatCount(archives)} of the ${plural(files, 'file')}, each where it lies`;
}

/** What few people need: a checksum from elsewhere, how fast, a note. */
function Advanced({ draft }: { draft: Draft }): JSX.Element {
  const { options, faults } = draft;
  const [isOpen, setOpen] = React.useState(false);
  const isShown = isOpen || Boolean(faults.checksum ?? faults.connections ?? faults.limit);
  const field = (
    name: 'checksum' | 'connections' | 'limit' | 'note',
    label: string,
    hint: string
  ): JSX.Element => (
    <Field label={label} fault={faults[name]} hint={hint}>
      <input
        type="text"
        inputMode={name === 'connections' || name === 'limit' ? 'decimal' : undefined}
        spellCheck={name === 'note'}
        autoComplete="off"
        value={options[name]}
        onChange={event => draft.choose({ [name]: event.target.value })}
      />
    </Field>
  );
  return (
    <div className="growth-DraftForm-more">
      <Button
        label="More options"
        look="link"
        icon={isShown ? 'down' : 'right'}
        isExpanded={isShown}
        onClick={() => setOpen(!isShown)}
      />
      {isShown && (
        <>
          {draft.hasOneFile &&
            field('checksum', 'Expected checksum', 'As sha256:…, from a place you trust')}
          {field('limit', 'At most, in MB per second', 'Empty: as fast as it comes')}
          {field('connections', 'Connections for one file', '1 is kind to the source; up to 16')}
          {field('note', 'Note', 'For whoever looks at this version later')}
        </>
      )}
    </div>
  );
}

interface IFieldProps {
  label: string;
  fault?: string;
  hint?: string;
  children: React.ReactElement;
}

/** A box with its name, and under it what is wrong or what it is for. */
function Field({ label, fault, hint, children }: IFieldProps): JSX.Element {
  const id = React.useId();
  return (
    <div className="growth-Field">
      <label htmlFor={id}>{label}</label>
      {React.cloneElement(children, {
        id,
        'aria-invalid': fault ? true : undefined,
        'aria-describedby': fault || hint ? `${id}-said` : undefined
      })}
      {(fault || hint) && (
        <span
          id={`${id}-said`}
          className={fault ? 'growth-Field-fault' : 'growth-Quiet'}
          role={fault ? 'alert' : undefined}
        >
          {fault || hint}
        </span>
      )}
    </div>
  );
}
