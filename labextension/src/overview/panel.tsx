import './style';

import * as React from 'react';

import { Problem } from '../api/problem';
import { type IAction, useActions } from '../panel/actions';
import { findArea, isOpen } from '../panel/areas';
import type { IHost, IPanelProps } from '../panel/host';
import { type AreaId, isAreaId } from '../tokens';
import { copyText } from '../ui/copy';
import { usePolled } from '../ui/polled';
import { ProblemBanner } from '../ui/problem-banner';
import { Skeleton } from '../ui/skeleton';
import { Toolbar } from '../ui/toolbar';
import { Line } from './line';
import { fold, OverviewModel, sentenceOf, textOf } from './model';
import type { ILine } from './types';

/** One screen for the minutes before a class: what is wrong, and what mends it. */
export function OverviewPanel({ host }: IPanelProps): JSX.Element {
  const root = React.useRef<HTMLDivElement>(null);
  const model = usePolled(() => new OverviewModel(host.api), root, [host.api]);
  const { data } = model;
  const mending = useMending(host, () => model.refresh());
  const actions: IAction[] = [
    {
      id: 'overview-copy',
      label: 'Copy as text',
      isEnabled: data !== null,
      execute: () => void copyText(textOf(data?.lines ?? []))
    },
    {
      id: 'overview-refresh',
      label: 'Look again',
      isEnabled: true,
      execute: () => void model.refresh()
    }
  ];
  useActions(host.actions, actions);
  return (
    <div className="growth-Area growth-Day" ref={root}>
      <Toolbar label="School day" actions={[actions[0]]} polled={model} />
      {model.problem && (
        <ProblemBanner
          problem={model.problem}
          doing="Looking at the school"
          tone={data ? 'warn' : 'error'}
          onRetry={() => void model.refresh()}
        />
      )}
      {data ? (
        <>
          <p className="growth-Day-sentence" role="status">
            {`${sentenceOf(data)}.`}
          </p>
          {mending.problem && (
            <ProblemBanner
              problem={mending.problem}
              doing={mending.doing}
              onDismiss={mending.dismiss}
            />
          )}
          <Lines
            onMend={line => mendOf(line, host, mending.ask)}
            isAsking={mending.isAsking}
            lines={data.lines}
          />
        </>
      ) : (
        !model.problem && <Skeleton what="the school" />
      )}
    </div>
  );
}

/** So long the buttons rest after a request: one who clicks twice must not undo what began. */
const SETTLE_MS = 1_000;

/** Returns what mends a line, if this user may. */
type MendOf = (line: ILine) => (() => void) | undefined;

interface IMending {
  problem: Problem | null;
  doing: string;
  isAsking: boolean;
  ask(line: ILine, area: AreaId): Promise<void>;
  dismiss(): void;
}

/** What a line's button does: put its request and show what came of it, or open the panel. */
function useMending(host: IHost, refresh: () => Promise<void>): IMending {
  const [refused, setRefused] = React.useState<[Problem | null, string]>([null, '']);
  const [isAsking, setAsking] = React.useState(false);
  const ask = async ({ mend }: ILine, area: AreaId): Promise<void> => {
    if (!mend?.request) {
      host.school.open(area);
      return;
    }
    setAsking(true);
    try {
      await host.api.request(mend.request, { method: 'POST', body: {} });
      setRefused([null, '']);
    } catch (reason) {
      setRefused([Problem.from(reason), mend.label]);
    }
    await refresh();
    window.setTimeout(() => setAsking(false), SETTLE_MS);
  };
  const dismiss = (): void => setRefused([null, '']);
  return { problem: refused[0], doing: refused[1], isAsking, ask, dismiss };
}

function Lines({ lines, ...mending }: Omit<IListProps, 'label'>): JSX.Element {
  const { shown, more, pinned, unknown, good } = fold(lines);
  return (
    <>
      <List {...mending} lines={shown} label="What is wrong" />
      <Fold {...mending} lines={more} label={`${more.length} more to look at`} />
      <List {...mending} lines={pinned} label="Always in sight" />
      <Fold {...mending} lines={unknown} label={`${unknown.length} not known`} />
      <Fold {...mending} lines={good} label={`${good.length} good`} />
    </>
  );
}

interface IListProps {
  onMend: MendOf;
  /** A request is under way: none is put meanwhile. */
  isAsking: boolean;
  lines: readonly ILine[];
  label: string;
}

function List({ onMend, isAsking, lines, label }: IListProps): JSX.Element | null {
  if (lines.length === 0) {
    return null;
  }
  return (
    <ul className="growth-DayLines" aria-label={label}>
      {lines.map(line => (
        <Line key={line.id} line={line} isAsking={isAsking} onMend={onMend(line)} />
      ))}
    </ul>
  );
}

function Fold(props: IListProps): JSX.Element | null {
  if (props.lines.length === 0) {
    return null;
  }
  return (
    <details className="growth-Day-fold">
      <summary>{`${props.label}: ${props.lines.map(line => line.title).join(', ')}`}</summary>
      <List {...props} />
    </details>
  );
}

/** Return what mends a line, if this user may: a request, or the panel that does. */
function mendOf(line: ILine, host: IHost, ask: IMending['ask']): (() => void) | undefined {
  const id = line.mend?.panel ?? '';
  const area = findArea(id);
  if (!isAreaId(id) || !area || !isOpen(area, host.me)) {
    return undefined;
  }
  return () => void ask(line, id);
}
