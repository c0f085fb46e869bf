import './style';

import * as React from 'react';

import { type IAction, useActions } from '../panel/actions';
import { findArea, isOpen } from '../panel/areas';
import type { IHost, IPanelProps } from '../panel/host';
import { isAreaId } from '../tokens';
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
          <Lines host={host} lines={data.lines} />
        </>
      ) : (
        !model.problem && <Skeleton what="the school" />
      )}
    </div>
  );
}

function Lines({ host, lines }: { host: IHost; lines: readonly ILine[] }): JSX.Element {
  const { shown, more, unknown, good } = fold(lines);
  return (
    <>
      <List host={host} lines={shown} label="What is wrong" />
      <Fold host={host} lines={more} label={`${more.length} more to look at`} />
      <Fold host={host} lines={unknown} label={`${unknown.length} not known`} />
      <Fold host={host} lines={good} label={`${good.length} good`} />
    </>
  );
}

interface IListProps {
  host: IHost;
  lines: readonly ILine[];
  label: string;
}

function List({ host, lines, label }: IListProps): JSX.Element | null {
  if (lines.length === 0) {
    return null;
  }
  return (
    <ul className="growth-DayLines" aria-label={label}>
      {lines.map(line => (
        <Line key={line.id} line={line} onMend={mendOf(line, host)} />
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

/** Return what opens the panel that mends a line, if this user may open it. */
function mendOf(line: ILine, host: IHost): (() => void) | undefined {
  const id = line.mend?.panel ?? '';
  const area = findArea(id);
  if (!isAreaId(id) || !area || !isOpen(area, host.me)) {
    return undefined;
  }
  return () => host.school.open(id);
}
