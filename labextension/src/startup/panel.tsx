import './style';

import * as React from 'react';

import { type IAction, useActions } from '../panel/actions';
import type { IHost, IPanelProps } from '../panel/host';
import { useTrait } from '../panel/traits';
import { Polled, useModel, usePolled } from '../ui/polled';
import { ProblemBanner } from '../ui/problem-banner';
import { type ITab, Tabs } from '../ui/tabs';
import { ScriptView } from './script-view';
import { type ScriptsModel, scriptsOf } from './scripts-model';
import { StartsView } from './starts/view';
import { type IScript, SCRIPTS } from './types';

const POLL_MS = 10_000;
const STARTS = 'starts';
const SHOW: Record<string, string> = {
  'as-root.sh': 'startup-show-as-root',
  'as-user.sh': 'startup-show-as-user',
  [STARTS]: 'startup-show-starts'
};

/** Both start scripts, and what every start did with them. */
export function StartupPanel({ host }: IPanelProps): JSX.Element {
  const root = React.useRef<HTMLDivElement>(null);
  const shared = scriptsOf(host.api, host.me.login);
  const polled = usePolled(
    () => new Polled({ load: () => shared.look(), interval_ms: POLL_MS }),
    root,
    [shared]
  );
  const [filter] = useTrait(host.traits, 'filter');
  const [current, setCurrent] = React.useState<string>(SCRIPTS[0]);
  // only the starts have a filter box: whoever brings a text along wants to see those
  React.useEffect(() => {
    if (filter) {
      setCurrent(STARTS);
    }
  }, [filter]);
  useActions(host.actions, showActions(current, setCurrent));
  const notes = useNotes(shared, polled.data ?? []);
  const tabs: ITab[] = [...SCRIPTS, STARTS].map(id => ({
    id,
    label: id === STARTS ? 'Starts' : id,
    note: notes[id],
    // Every tab draws the same views, so that none loses its editor when another is shown.
    render: () => <Views host={host} shared={shared} current={current} />
  }));
  return (
    <div className="growth-Area growth-Startup" ref={root}>
      {polled.problem && (
        <ProblemBanner
          problem={polled.problem}
          doing="Looking at the start scripts"
          tone="warn"
          onRetry={() => void polled.refresh()}
        />
      )}
      <Tabs label="Start scripts" current={current} onChange={setCurrent} tabs={tabs} />
    </div>
  );
}

interface IViewsProps {
  host: IHost;
  shared: ScriptsModel;
  current: string;
}

/** The view of the current tab, and those that were opened before, out of sight. */
function Views({ host, shared, current }: IViewsProps): JSX.Element {
  const [opened, setOpened] = React.useState<readonly string[]>([]);
  const all = opened.includes(current) ? opened : [...opened, current];
  React.useEffect(() => setOpened(all), [current]); // eslint-disable-line react-hooks/exhaustive-deps -- grows with it
  return (
    <>
      {SCRIPTS.filter(name => all.includes(name)).map(name => (
        <ScriptView key={name} host={host} script={shared.get(name)} isShown={name === current} />
      ))}
      {all.includes(STARTS) && <StartsView host={host} isShown={current === STARTS} />}
    </>
  );
}

function showActions(current: string, show: (id: string) => void): IAction[] {
  return Object.entries(SHOW).map(([id, action]) => ({
    id: action,
    label: id === STARTS ? 'Show what every start did' : `Show ${id}`,
    isEnabled: id !== current,
    reason: id === current ? 'It is shown already' : undefined,
    execute: () => show(id)
  }));
}

/** Behind the name of each script: what is live, and what is on its way. */
function useNotes(
  shared: ScriptsModel,
  listed: readonly IScript[]
): Partial<Record<string, string>> {
  const models = SCRIPTS.map(name => shared.get(name).model);
  useModel(models[0]);
  useModel(models[1]);
  return Object.fromEntries(
    models.map(model => {
      const script = model.script ?? listed.find(({ name }) => name === model.name) ?? null;
      return [model.name, noteOf(script, model.isLoaded && model.isDirty)];
    })
  );
}

/** Return "● live r31, r32 being edited"; empty before the script is known. */
export function noteOf(script: IScript | null, isDirty: boolean): string {
  if (!script) {
    return '';
  }
  const live = !script.is_present
    ? '○ not there'
    : `● live ${script.live_revision ? `r${script.live_revision}` : 'unknown text'}`;
  const newest = script.head_revision ?? 0;
  if (isDirty) {
    return `${live}, r${newest + 1} being edited`;
  }
  return newest !== 0 && newest !== script.live_revision
    ? `${live}, r${newest} not live yet`
    : live;
}
