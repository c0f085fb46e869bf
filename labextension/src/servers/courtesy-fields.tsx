/** Whether and how users are told before, with what they will read. */

import * as React from 'react';

import type { Problem } from '../api/problem';
import { createRow, type IRowActions } from '../notices/student/row';
import { timeLeft } from '../notices/student/time-left';
import type { INotice } from '../notices/student/watch';
import {
  adviceOf,
  type CourtesyFault,
  DEFAULT_TEXTS,
  faultsFrom,
  faultsOf,
  formOf,
  type ICourtesyForm,
  isSameCourtesy,
  readCourtesy,
  TEXT_LIMIT
} from './courtesy';
import { useSettled } from './use-settled';
import type { ICourtesy } from './types';

interface ICourtesyFieldsProps {
  action: 'stop' | 'restart';
  /** The courtesy of the plan that is shown. */
  courtesy: ICourtesy;
  /** Why the last plan could not be made, if so. */
  problem: Problem | null;
  onCourtesy(courtesy: ICourtesy): void;
  /** Told whether what is typed is not what the plan is for. */
  onUnsettled(isUnsettled: boolean): void;
}

export function CourtesyFields(props: ICourtesyFieldsProps): JSX.Element {
  const { action, courtesy, problem, onCourtesy, onUnsettled } = props;
  const [form, setForm] = React.useState(() => formOf(courtesy));
  const wanted = readCourtesy(form);
  useSettled(
    wanted,
    wanted !== null && isSameCourtesy(wanted, courtesy),
    form,
    onCourtesy,
    onUnsettled
  );
  const set = (change: Partial<ICourtesyForm>): void => setForm({ ...form, ...change });
  const faults = { ...faultsFrom(problem?.errors), ...faultsOf(form) };
  const name = React.useId();
  const way = (isTold: boolean, label: string): JSX.Element => (
    <label>
      <input
        type="radio"
        name={name}
        checked={form.isTold === isTold}
        onChange={() => set({ isTold })}
      />
      {label}
    </label>
  );
  return (
    <fieldset className="growth-Pace growth-Courtesy">
      <legend>What users hear of it</legend>
      {way(false, 'Nothing: at once')}
      {way(true, 'A warning in their Lab, before')}
      {form.isTold && <Warning form={form} faults={faults} action={action} set={set} />}
    </fieldset>
  );
}

interface IWarningProps {
  form: ICourtesyForm;
  faults: CourtesyFault;
  action: 'stop' | 'restart';
  set(change: Partial<ICourtesyForm>): void;
}

function Warning({ form, faults, action, set }: IWarningProps): JSX.Element {
  const verb = action === 'stop' ? 'stopped' : 'restarted';
  const field = { form, faults, set };
  return (
    <>
      <div className="growth-Courtesy-times">
        <Minutes {...field} name="warn" before="Warn" after={`min before the first is ${verb}`} />
        <Minutes {...field} name="postpone" before="Who asks gets up to" after="more min" />
        <Minutes {...field} name="busy" before="Busy kernels get up to" after="more min" />
        <label>
          <input
            type="checkbox"
            checked={form.mayGoNow}
            onChange={event => set({ mayGoNow: event.target.checked })}
          />
          Who is ready may go before the time
        </label>
      </div>
      {adviceOf(form) && <p className="growth-Quiet">{adviceOf(form)}</p>}
      <Words {...field} name="text" label="What they read" placeholder={DEFAULT_TEXTS[action]} />
      <Words {...field} name="link" label="Link to read more" placeholder="https://" />
      <Preview form={form} action={action} />
      <p className="growth-Quiet">
        What is open in their Lab is saved before. If the notice cannot be written, nothing is{' '}
        {verb}.
      </p>
    </>
  );
}

interface IFieldProps {
  form: ICourtesyForm;
  faults: CourtesyFault;
  set(change: Partial<ICourtesyForm>): void;
}

/** A number inside its sentence, and under it what is wrong with it. */
function Minutes(
  props: IFieldProps & { name: 'warn' | 'postpone' | 'busy'; before: string; after: string }
): JSX.Element {
  const { form, faults, set, name } = props;
  const id = React.useId();
  return (
    <span className="growth-Courtesy-field">
      <label>
        {props.before}{' '}
        <input
          type="text"
          className="growth-Courtesy-minutes"
          inputMode="numeric"
          autoComplete="off"
          value={form[name]}
          aria-invalid={Boolean(faults[name])}
          aria-describedby={faults[name] && id}
          onChange={event => set({ [name]: event.target.value })}
        />{' '}
        {props.after}
      </label>
      <Fault id={id} words={faults[name]} />
    </span>
  );
}

function Words(
  props: IFieldProps & { name: 'text' | 'link'; label: string; placeholder: string }
): JSX.Element {
  const { form, faults, set, name } = props;
  const id = React.useId();
  const shared = {
    value: form[name],
    placeholder: props.placeholder,
    'aria-invalid': Boolean(faults[name]),
    'aria-describedby': faults[name] && id,
    onChange: (event: React.ChangeEvent<HTMLTextAreaElement | HTMLInputElement>) =>
      set({ [name]: event.target.value })
  };
  return (
    <span className="growth-Courtesy-field growth-mod-wide">
      <label>
        {props.label}
        {name === 'text' ? (
          <textarea rows={2} maxLength={TEXT_LIMIT} {...shared} />
        ) : (
          <input type="text" inputMode="url" autoComplete="off" {...shared} />
        )}
      </label>
      <Fault id={id} words={faults[name]} />
    </span>
  );
}

function Fault({ id, words }: { id: string; words?: string }): JSX.Element | null {
  return words ? (
    <span id={id} role="alert" className="growth-Pace-wrong">
      {words}
    </span>
  ) : null;
}

/** The very row that students get; its buttons do nothing here. */
function Preview({ form, action }: Pick<IWarningProps, 'form' | 'action'>): JSX.Element {
  const place = React.useRef<HTMLDivElement>(null);
  const courtesy = readCourtesy({ ...form, text: form.text.slice(0, TEXT_LIMIT) });
  const last = React.useRef(courtesy);
  last.current = courtesy ?? last.current; // while something is wrong, what was right before
  const shown = JSON.stringify(last.current);
  React.useEffect(() => {
    const drawn = last.current;
    if (!drawn) {
      return;
    }
    const at_s = Date.now() / 1000 + drawn.warn_min * 60;
    const notice: INotice = {
      id: 'preview',
      stamp: '',
      kind: 'bar',
      level: 'warning',
      text: drawn.text || DEFAULT_TEXTS[action],
      link: drawn.link,
      restart: {
        at_s,
        may_postpone_min: drawn.may_postpone_min,
        may_go_now: drawn.may_go_now,
        asks_busy: drawn.wait_for_busy_min > 0,
        is_stop: action === 'stop'
      }
    };
    const nothing = (): void => undefined;
    const actions: IRowActions = {
      saveAndRestart: drawn.may_go_now ? nothing : undefined,
      postpone: drawn.may_postpone_min > 0 ? nothing : undefined
    };
    const row = createRow(notice, actions, { isPreview: true });
    row.say(notice.text); // nobody listens here: it need not come later
    row.countdown(timeLeft(drawn.warn_min * 60, at_s));
    place.current?.replaceChildren(row.node);
  }, [shown, action]);
  React.useEffect(() => place.current?.setAttribute('inert', ''), []);
  return (
    <figure className="growth-Courtesy-preview">
      <figcaption>What they see on top of their Lab</figcaption>
      <div ref={place} />
    </figure>
  );
}
