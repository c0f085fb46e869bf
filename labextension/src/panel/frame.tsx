/** What stands around every panel: who I am, whether I may, and the area's view when it is there. */

import '../ui/style';

import * as React from 'react';

import { Problem } from '../api/problem';
import type { IMe } from '../api/types';
import { lazyView } from '../ui/lazy-view';
import { ProblemBanner } from '../ui/problem-banner';
import { Skeleton } from '../ui/skeleton';
import { Tabs } from '../ui/tabs';
import { ActionRegistry } from './actions';
import type { IView } from './area';
import { findView, isOpen, openAreas } from './areas';
import { Boundary } from './boundary';
import type { IHost, ISchool, PanelComponent } from './host';
import type { ITraits, ITraitValues } from './traits';

export interface IPanelFrameProps {
  school: ISchool;
  /** An area's name, or `panel` for tabs over all areas that are open to this user. */
  area: string;
  traits: ITraits;
  actions: ActionRegistry;
  place: IHost['place'];
  /** Shown above the panel, for example that the widget's kernel is gone. */
  notice?: string;
}

export function PanelFrame(props: IPanelFrameProps): JSX.Element {
  const { school, notice } = props;
  const [me, setMe] = React.useState<IMe | null>(null);
  const [problem, setProblem] = React.useState<Problem | null>(null);
  const ask = React.useCallback(() => {
    setProblem(null);
    school.getMe().then(setMe, reason => setProblem(Problem.from(reason)));
  }, [school]);
  React.useEffect(ask, [ask]);
  return (
    <div className={`growth-Panel growth-mod-${props.place}`} tabIndex={-1}>
      {notice && (
        <p className="growth-Notice" role="status">
          {notice}
        </p>
      )}
      {problem ? (
        <ProblemBanner problem={problem} doing="Asking who you are" onRetry={ask} />
      ) : me ? (
        <Boundary>
          <Body {...props} me={me} />
        </Boundary>
      ) : (
        <Skeleton what="the panel" />
      )}
    </div>
  );
}

function Body(props: IPanelFrameProps & { me: IMe }): JSX.Element {
  const { me, school, traits, actions, place } = props;
  const host: IHost = React.useMemo(
    () => ({ school, api: school.api, me, traits, actions, place }),
    [school, me, traits, actions, place]
  );
  if (props.area === 'panel') {
    return <AllAreas host={host} />;
  }
  const view = findView(props.area);
  if (!view) {
    return <ProblemBanner problem={unknownArea(props.area)} />;
  }
  if (!isOpen(view, me)) {
    return <ProblemBanner problem={lackOf(view, me)} tone="warn" />;
  }
  return <AreaView key={view.id} view={view} host={host} />;
}

/** Tabs over all areas. There is one filter and one selection: those of the tab that is shown. */
function AllAreas({ host }: { host: IHost }): JSX.Element {
  const areas = openAreas(host.me);
  const [current, setCurrent] = React.useState<string>(areas[0]?.id ?? '');
  const left = React.useRef(new Map<string, Pick<ITraitValues, 'filter' | 'selection'>>());
  if (areas.length === 0) {
    return <ProblemBanner problem={lackOf(null, host.me)} tone="warn" />;
  }
  const goTo = (next: string): void => {
    const { traits } = host;
    left.current.set(current, {
      filter: traits.get('filter'),
      selection: traits.get('selection')
    });
    const { filter, selection } = left.current.get(next) ?? { filter: '', selection: [] };
    traits.set('filter', filter);
    traits.set('selection', selection);
    setCurrent(next);
  };
  return (
    <Tabs
      label="Areas of the school"
      current={current}
      onChange={next => next !== current && goTo(next)}
      tabs={areas.map(area => ({
        id: area.id,
        label: area.label,
        render: () => <AreaView key={area.id} view={area} host={host} />
      }))}
    />
  );
}

const VIEWS = new WeakMap<IView, PanelComponent>();

/** Fetches the code of a view; the frame stands meanwhile. */
function AreaView({ view, host }: { view: IView; host: IHost }): JSX.Element {
  const View = VIEWS.get(view) ?? lazyView(view.label, view.load);
  VIEWS.set(view, View);
  return <View host={host} />;
}

function lackOf(view: IView | null, me: IMe): Problem {
  const area = view?.area ?? view?.id;
  const missing = me.missing.find(item => item.area === area);
  if (view?.isForAdmins) {
    return new Problem({
      status: 403,
      title: `${view.label} is not open to you`,
      detail: `It concerns everybody in the school, so it takes an organiser. Your user ${me.login} holds ${listOf(me.areas)}.`,
      hint: 'Ask an organiser to do it.'
    });
  }
  return new Problem({
    status: 403,
    title: view ? `${view.label} is not open to you` : 'No area of the school is open to you',
    detail: missing
      ? missing.what
      : `Your user ${me.login} holds ${listOf(me.areas)}${area ? `, not ${area}` : ''}. The hub gives areas by the groups that one is in.`,
    hint: missing?.hint ?? 'Ask an admin to add you to a group that has it; then log in again.'
  });
}

function listOf(areas: readonly string[]): string {
  return areas.length === 0 ? 'no area' : areas.join(', ');
}

function unknownArea(name: string): Problem {
  return new Problem({
    status: 404,
    title: `There is no panel named ${name}`,
    detail: 'This version of the extension does not have it.',
    hint: 'Update growth-admin, or look at the spelling.'
  });
}
