import * as React from 'react';

import { EntriesTable } from '../audit/entries';
import { AuditModel } from '../audit/model';
import type { IHost } from '../panel/host';
import { EmptyState } from '../ui/empty-state';
import { usePolled } from '../ui/polled';
import { ProblemBanner } from '../ui/problem-banner';
import { Skeleton } from '../ui/skeleton';
import { Toolbar } from '../ui/toolbar';

/** Who changed what in this area: the trail's own table. */
export function HistoryView({ host }: { host: IHost }): JSX.Element {
  const root = React.useRef<HTMLDivElement>(null);
  const [filter, setFilter] = React.useState('');
  const model = usePolled(() => new AuditModel(host.api, { area: 'roster' }), root, [host.api]);
  React.useEffect(() => {
    const refresh = (): void => void model.refresh();
    host.api.changed.connect(refresh);
    return () => {
      host.api.changed.disconnect(refresh);
    };
  }, [host.api, model]);
  return (
    <div className="growth-Roster-tab" ref={root}>
      <Toolbar label="History" filter={filter} onFilter={setFilter} polled={model} />
      {model.problem && (
        <ProblemBanner
          problem={model.problem}
          doing="Reading the history"
          tone={model.data ? 'warn' : 'error'}
          onRetry={() => void model.refresh()}
        />
      )}
      {model.data ? (
        <EntriesTable
          api={host.api}
          entries={model.data.entries}
          filter={filter}
          empty={<EmptyState sentence="Nothing was changed in the roster yet." />}
        />
      ) : (
        !model.problem && <Skeleton what="the history" />
      )}
    </div>
  );
}
