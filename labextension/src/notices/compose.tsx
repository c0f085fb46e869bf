/** Writing a notice, with what students will see of it. */

import * as React from 'react';

import { Problem } from '../api/problem';
import { Button } from '../ui/button';
import { ProblemBanner } from '../ui/problem-banner';
import type { NoticesClient } from './client';
import { EMPTY, faultOf, type INoticeForm, labelOf, toDraft } from './form';
import { createRow } from './student/row';

const GROUPS = ['students', 'tas', 'admins'] as const;

interface IComposeProps {
  client: NoticesClient;
  onClose(): void;
}

export function Compose({ client, onClose }: IComposeProps): JSX.Element {
  const text = React.useRef<HTMLTextAreaElement>(null);
  const [form, setForm] = React.useState<INoticeForm>(EMPTY);
  const [isBusy, setBusy] = React.useState(false);
  const [problem, setProblem] = React.useState<Problem | null>(null);
  React.useEffect(() => text.current?.focus(), []);
  const set = (change: Partial<INoticeForm>): void => setForm({ ...form, ...change });
  const fault = faultOf(form);
  const post = (): void => {
    setBusy(true);
    setProblem(null);
    client
      .post(toDraft(form))
      .then(onClose, reason => setProblem(Problem.from(reason)))
      .finally(() => setBusy(false));
  };
  return (
    <section className="growth-Compose" aria-label="Write a notice">
      <label className="growth-Compose-text">
        What students read
        <textarea
          ref={text}
          rows={2}
          maxLength={1000}
          value={form.text}
          onChange={event => set({ text: event.target.value })}
        />
      </label>
      <div className="growth-Compose-choices">
        <Choice
          label="Shown as"
          value={form.kind}
          options={{ bar: 'a bar on top', toast: 'a toast in the corner' }}
          onChange={kind => set({ kind: kind as INoticeForm['kind'] })}
        />
        <Choice
          label="Level"
          value={form.level}
          options={{ info: 'information', warning: 'warning' }}
          onChange={level => set({ level: level as INoticeForm['level'] })}
        />
        <label>
          Until
          <input
            type="datetime-local"
            value={form.until}
            title="Without it: 12 hours"
            onChange={event => set({ until: event.target.value })}
          />
        </label>
        <label>
          Link
          <input
            type="url"
            placeholder="https://"
            value={form.link}
            onChange={event => set({ link: event.target.value })}
          />
        </label>
      </div>
      <fieldset className="growth-Compose-audience">
        <legend>Who sees it</legend>
        <label>
          <input
            type="checkbox"
            checked={form.groups.length === 0 && !form.users.trim()}
            onChange={() => set({ groups: [], users: '' })}
          />
          everybody
        </label>
        {GROUPS.map(group => (
          <label key={group}>
            <input
              type="checkbox"
              checked={form.groups.includes(group)}
              onChange={event =>
                set({
                  groups: event.target.checked
                    ? [...form.groups, group]
                    : form.groups.filter(name => name !== group)
                })
              }
            />
            {group}
          </label>
        ))}
        <input
          type="text"
          aria-label="Single users"
          placeholder="single users: jane-doe, chen-wei"
          value={form.users}
          onChange={event => set({ users: event.target.value })}
        />
      </fieldset>
      <Preview form={form} />
      {problem && <ProblemBanner problem={problem} doing="Showing the notice" />}
      <div className="growth-Compose-actions">
        <span className="growth-Quiet">{fault}</span>
        <Button label="Discard" onClick={onClose} />
        <Button
          label={labelOf(form)}
          look="primary"
          isDisabled={Boolean(fault) || isBusy}
          title={fault || undefined}
          onClick={post}
        />
      </div>
    </section>
  );
}

interface IChoiceProps {
  label: string;
  value: string;
  options: Record<string, string>;
  onChange(value: string): void;
}

function Choice({ label, value, options, onChange }: IChoiceProps): JSX.Element {
  return (
    <label>
      {label}
      <select value={value} onChange={event => onChange(event.target.value)}>
        {Object.entries(options).map(([id, words]) => (
          <option key={id} value={id}>
            {words}
          </option>
        ))}
      </select>
    </label>
  );
}

/** The very row that students get; its buttons do nothing here. */
function Preview({ form }: { form: INoticeForm }): JSX.Element {
  const place = React.useRef<HTMLDivElement>(null);
  const { text, level, link, kind } = form;
  React.useEffect(() => {
    const notice = { id: 'preview', stamp: '', text, level, kind, link, restart: null };
    const row = createRow(notice, { dismiss: () => undefined }, { isPreview: true });
    place.current?.replaceChildren(row.node);
  }, [text, level, link, kind]);
  return (
    <figure className="growth-Compose-preview" data-kind={kind}>
      <figcaption>What they see</figcaption>
      <div ref={place} />
    </figure>
  );
}
