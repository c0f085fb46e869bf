import * as React from 'react';

import { useActions } from '../../panel/actions';
import type { IHost } from '../../panel/host';
import { useTrait } from '../../panel/traits';
import { ActionButton, Button } from '../../ui/button';
import { copyText } from '../../ui/copy';
import { EmptyState } from '../../ui/empty-state';
import { ProblemBanner } from '../../ui/problem-banner';
import { Skeleton } from '../../ui/skeleton';
import { Table } from '../../ui/table/table';
import { Toolbar } from '../../ui/toolbar';
import type { DatasetsModel } from '../model';
import type { IPlanning } from '../planning';
import type { IDataset } from '../types';
import { type IShelfWork, shelfActions, useShelfWork } from './actions';
import { CHIPS, COLUMNS, isDeleted, keyOf } from './columns';
import { DatasetDetails } from './details';
import { SpacePlot } from './space-plot';

interface IShelfViewProps {
  host: IHost;
  model: DatasetsModel;
  planning: IPlanning;
  /** Called when something was done, or a job was started. */
  onChanged(): void;
}

const NOTHING: readonly IDataset[] = [];
const IN_TOOLBAR = ['datasets-verify', 'datasets-restore', 'datasets-delete'];

/** What is published: the table of datasets, and the shared disk. */
export function ShelfView({ host, model, planning, onChanged }: IShelfViewProps): JSX.Element {
  const csv = React.useRef(() => '');
  const [filter, setFilter] = useTrait(host.traits, 'filter');
  const [selection, setSelection] = useTrait(host.traits, 'selection');
  const rows = model.data?.datasets ?? NOTHING;
  const selected = React.useMemo(() => {
    const names = new Set(selection);
    return rows.filter(({ name }) => names.has(name));
  }, [rows, selection]);
  const work = useShelfWork(host, planning, onChanged);
  const actions = shelfActions(selected, work);
  useActions(host.actions, [
    ...actions,
    {
      id: 'datasets-copy-csv',
      label: 'Copy as CSV',
      isEnabled: model.data !== null,
      execute: () => void copyText(csv.current())
    },
    {
      id: 'datasets-refresh',
      label: 'Refresh',
      isEnabled: true,
      execute: () => void model.refresh()
    }
  ]);
  return (
    <>
      {model.data && rows.length > 0 && <SpacePlot space={model.data.space} />}
      <Toolbar
        label="Datasets"
        actions={actions.filter(({ id }) => IN_TOOLBAR.includes(id))}
        filter={filter}
        onFilter={setFilter}
        polled={model}
      />
      <Said work={work} />
      {model.problem && (
        <ProblemBanner
          problem={model.problem}
          doing="Listing datasets"
          tone={model.data ? 'warn' : 'error'}
          onRetry={() => void model.refresh()}
        />
      )}
      {model.data?.problems.map(problem => (
        <p className="growth-Notice" role="status" key={problem}>
          {problem}
        </p>
      ))}
      {!model.data && !model.problem && <Skeleton what="datasets" />}
      {model.data && (
        <Table<IDataset>
          label="Datasets"
          noun={['dataset', 'datasets']}
          rows={rows}
          columns={COLUMNS}
          chips={CHIPS}
          rowKey={keyOf}
          filter={filter}
          selection={selection}
          onSelection={setSelection}
          actionsFor={datasets => shelfActions(datasets, work)}
          csvRef={csv}
          initialSort={{ column: 'name', isDescending: false }}
          details={dataset => (
            <>
              <DatasetDetails key={dataset.name} host={host} dataset={dataset} work={work} />
              <div className="growth-Details-actions">
                {shelfActions([dataset], work)
                  .filter(
                    ({ id, isEnabled }) =>
                      isEnabled &&
                      (id === 'datasets-delete' ||
                        (id === 'datasets-undelete' && isDeleted(dataset)))
                  )
                  .map(action => (
                    <ActionButton key={action.id} action={action} />
                  ))}
              </div>
            </>
          )}
          empty={
            <EmptyState
              sentence="Nothing is published yet. Paste a link above, or drop a file: students see it at their next start."
              runbook="O02-publish-data-from-drive.ipynb"
            />
          }
        />
      )}
    </>
  );
}

/** What was just done at once, or why it was not. */
function Said({ work }: { work: IShelfWork }): JSX.Element {
  return (
    <>
      {work.problem && (
        <ProblemBanner problem={work.problem} doing={work.doing} onDismiss={work.dismiss} />
      )}
      {work.said && (
        <p className="growth-Notice growth-Said" role="status">
          <span>{work.said}</span>
          <Button label="Dismiss" icon="close" isIconOnly look="link" onClick={work.dismiss} />
        </p>
      )}
    </>
  );
}
