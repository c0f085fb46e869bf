import * as React from 'react';

import { Problem } from '../../api/problem';
import type { IHost } from '../../panel/host';
import { Button } from '../../ui/button';
import { ProblemBanner } from '../../ui/problem-banner';
import { RosterClient } from '../client';
import type { IPerson, IPersonChange } from '../types';

type Field = keyof IPersonChange;

const FIELDS: readonly { id: Field; label: string; hint?: string }[] = [
  { id: 'name', label: 'Name' },
  { id: 'email', label: 'E-mail' },
  { id: 'login', label: 'GitHub login', hint: 'Looked up at GitHub when it is saved' },
  { id: 'note', label: 'Note' }
];

interface IEditProps {
  host: IHost;
  person: IPerson;
  onSaved(): void;
}

/** The fields of the roster that an admin may put right; only what was changed is sent. */
export function EditPerson({ host, person, onSaved }: IEditProps): JSX.Element {
  const [typed, setTyped] = React.useState<Partial<Record<Field, string>>>({});
  const [problem, setProblem] = React.useState<Problem | null>(null);
  const [isSaving, setSaving] = React.useState(false);
  const prefix = React.useId();
  const changed = FIELDS.filter(({ id }) => (typed[id] ?? person[id]).trim() !== person[id]);
  const save = (): void => {
    if (changed.length === 0 || isSaving) {
      return;
    }
    setSaving(true);
    setProblem(null);
    const change = Object.fromEntries(changed.map(({ id }) => [id, typed[id]?.trim()]));
    new RosterClient(host.api)
      .updatePerson(person.key, change)
      .then(
        () => {
          setTyped({});
          onSaved();
        },
        reason => setProblem(Problem.from(reason))
      )
      .finally(() => setSaving(false));
  };
  return (
    <form
      className="growth-EditPerson"
      onSubmit={event => {
        event.preventDefault();
        save();
      }}
    >
      {FIELDS.map(({ id, label, hint }) => (
        <React.Fragment key={id}>
          <label htmlFor={`${prefix}-${id}`}>{label}</label>
          <input
            id={`${prefix}-${id}`}
            type="text"
            value={typed[id] ?? person[id]}
            title={hint}
            spellCheck={false}
            autoComplete="off"
            onChange={event => setTyped({ ...typed, [id]: event.target.value })}
            onKeyDown={event => event.key === 'Enter' && save()}
          />
        </React.Fragment>
      ))}
      {problem && (
        <ProblemBanner
          problem={problem}
          doing="Saving the entry"
          onDismiss={() => setProblem(null)}
        />
      )}
      {changed.length > 0 && (
        <div className="growth-EditPerson-actions">
          <Button
            label={isSaving ? 'Saving' : `Save ${changed.map(({ label }) => label).join(', ')}`}
            look="primary"
            isDisabled={isSaving}
            onClick={save}
          />
          <Button label="Leave as it was" onClick={() => setTyped({})} />
        </div>
      )}
    </form>
  );
}
