import * as React from 'react';

import { Tabs } from '../ui/tabs';
import { Comparison, DiffToLive } from './difference';
import { HistoryTable } from './history';
import type { IEditedScript } from './scripts-model';
import { TrialView } from './trial-view';
import type { IScriptState, LowerTab } from './use-script';

const ORDER: readonly LowerTab[] = ['diff', 'history', 'rehearsal', 'canary'];

/** Below the editor: what would change, what was, and what the trials found. */
export function LowerTabs(props: { script: IEditedScript; state: IScriptState }): JSX.Element {
  const { script, state } = props;
  const { model, trials } = script;
  const { history } = state;
  const number = model.history?.revisions.length ?? 0;
  return (
    <div className="growth-Script-lower">
      <Tabs
        label={`About ${model.name}`}
        current={state.tab}
        onChange={id => state.setTab(ORDER.find(tab => tab === id) ?? 'diff')}
        tabs={[
          { id: 'diff', label: 'Diff to live', render: () => <DiffToLive model={model} /> },
          {
            id: 'history',
            label: 'History',
            note: number > 0 ? String(number) : undefined,
            render: () =>
              history.pair ? (
                <Comparison model={model} pair={history.pair} onClose={history.closePair} />
              ) : (
                <HistoryTable
                  model={model}
                  selection={history.selection}
                  onSelection={history.setSelection}
                  actionsFor={history.actionsFor}
                />
              )
          },
          {
            id: 'rehearsal',
            label: 'Rehearsal report',
            render: () => (
              <TrialView
                key="rehearsal"
                trial="rehearsal"
                model={model}
                trials={trials}
                action={state.find('startup-rehearse')}
              />
            )
          },
          {
            id: 'canary',
            label: 'Canary log',
            render: () => (
              <TrialView
                key="canary"
                trial="canary"
                model={model}
                trials={trials}
                action={state.find('startup-canary')}
              />
            )
          }
        ]}
      />
    </div>
  );
}
