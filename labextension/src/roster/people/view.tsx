import * as React from 'react';

import { type IAction, useActions } from '../../panel/actions';
import type { IHost } from '../../panel/host';
import { useTrait } from '../../panel/traits';
import { ActionButton, Button } from '../../ui/button';
import { copyText } from '../../ui/copy';
import { EmptyState } from '../../ui/empty-state';
import { ProblemBanner } from '../../ui/problem-banner';
import { Skeleton } from '../../ui/skeleton';
import { Table } from '../../ui/table/table';
import { plural } from '../../ui/time';
import { Toolbar } from '../../ui/toolbar';
import type { RosterModel } from '../model';
import type { IPerson } from '../types';
import { callOf, spellUsed } from '../words';
import { peopleActions, rosterActions } from './actions';
import { chipsOf, COLUMNS, keyOf } from './columns';
import { PersonDetails } from './details';
import type { IRosterWork } from './work';

interface IPeopleViewProps {
  host: IHost;
  model: RosterModel;
  work: IRosterWork;
  onChanged(): void;
}

const NOBODY: readonly IPerson[] = [];
const NO_TEAMS: readonly string[] = [];

/** Everybody the school knows of: roster, GitHub and hub side by side. */
export function PeopleView({ host, model, work, onChanged }: IPeopleViewProps): JSX.Element {
  const csv = React.useRef(() => '');
  const [filter, setFilter] = useTrait(host.traits, 'filter');
  const [selection, setSelection] = useTrait(host.traits, 'selection');
  const people = model.data?.people ?? NOBODY;
  const teams = model.data?.teams ?? NO_TEAMS;
  const chips = React.useMemo(() => chipsOf(people, teams), [people, teams]);
  const selected = React.useMemo(() => {
    const keys = new Set(selection);
    return people.filter(({ key }) => keys.has(key));
  }, [people, selection]);
  const actions = rosterActions(model.data, work);
  const ofSelected = peopleActions(selected, work);
  useActions(host.actions, [...actions, ...ofSelected, ...tableActions(model, csv)]);
  return (
    <div className="growth-Roster-tab">
      <Toolbar
        label="People"
        actions={actions}
        filter={filter}
        onFilter={setFilter}
        polled={model}
      />
      <Said work={work} />
      {model.problem && (
        <ProblemBanner
          problem={model.problem}
          doing="Listing people"
          tone={model.data ? 'warn' : 'error'}
          onRetry={() => void model.refresh()}
        />
      )}
      {model.data?.problems.map(problem => (
        <p className="growth-Notice" role="status" key={problem}>
          {problem}
        </p>
      ))}
      {selected.length > 0 && <SelectedBar people={selected} actions={ofSelected} />}
      {!model.data && !model.problem && <Skeleton what="people" rows={12} />}
      {model.data && (
        <Table<IPerson>
          label="People"
          noun={['person', 'people']}
          rows={people}
          columns={COLUMNS}
          chips={chips}
          rowKey={keyOf}
          filter={filter}
          selection={selection}
          onSelection={setSelection}
          actionsFor={chosen => peopleActions(chosen, work)}
          csvRef={csv}
          initialSort={{ column: 'name', isDescending: false }}
          detailsTitle={callOf}
          details={person => (
            <PersonDetails
              key={person.key}
              host={host}
              person={person}
              work={work}
              onSaved={onChanged}
            />
          )}
          empty={
            <EmptyState
              sentence={`Nobody is in the roster of ${model.data.organization} yet. Import the list that you have; nothing happens before the plan.`}
              action={
                <Button label="Import people" look="primary" onClick={() => work.importPeople()} />
              }
              runbook="O03-add-students.ipynb"
            />
          }
        />
      )}
      {model.data && people.length > 0 && (
        <p className="growth-Roster-foot">
          Organization {model.data.organization} · {spellUsed(model.data.budget)}
        </p>
      )}
    </div>
  );
}

function tableActions(model: RosterModel, csv: React.MutableRefObject<() => string>): IAction[] {
  return [
    {
      id: 'roster-copy-csv',
      label: 'Copy as CSV',
      isEnabled: model.data !== null,
      execute: () => void copyText(csv.current())
    },
    {
      id: 'roster-refresh',
      label: 'Refresh',
      isEnabled: true,
      execute: () => void model.refresh()
    }
  ];
}

/** What can be done with those who are selected; only there while somebody is. */
function SelectedBar(props: {
  people: readonly IPerson[];
  actions: readonly IAction[];
}): JSX.Element {
  const { people, actions } = props;
  return (
    <div
      className="growth-Toolbar growth-Roster-selected"
      role="toolbar"
      aria-label={`Actions for ${plural(people.length, 'person', 'people')}`}
    >
      {actions
        .filter(({ id, isEnabled }) => isEnabled || id !== 'roster-offboard')
        .map(action => (
          <ActionButton key={action.id} action={{ ...action, look: undefined }} />
        ))}
    </div>
  );
}

/** What was just copied, or why there is no plan. */
function Said({ work }: { work: IRosterWork }): JSX.Element {
  const { planning, said } = work;
  return (
    <>
      {planning.problem && !planning.planned && (
        <ProblemBanner
          problem={planning.problem}
          doing={planning.doing}
          onDismiss={() => planning.close()}
        />
      )}
      {planning.isAsking && !planning.planned && (
        <p className="growth-Notice" role="status">
          Planning: {planning.doing}
        </p>
      )}
      {said && (
        <p className="growth-Notice growth-Said" role="status">
          <span>{said}</span>
          <Button label="Dismiss" icon="close" isIconOnly look="link" onClick={work.dismiss} />
        </p>
      )}
    </>
  );
}
