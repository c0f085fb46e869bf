import * as React from 'react';

import type { IHost } from '../../panel/host';
import { Button } from '../../ui/button';
import { useCopy } from '../../ui/copy';
import { Tabs } from '../../ui/tabs';
import { formatCount } from '../../ui/time';
import { keptOf } from '../model';
import type { IDataset } from '../types';
import { studentsOf } from '../words';
import type { IShelfWork } from './actions';
import { isDeleted, PLAIN_FOLDER } from './columns';
import { ReceiptsTable } from './receipts-table';
import { Versions } from './versions';

interface IDatasetDetailsProps {
  host: IHost;
  dataset: IDataset;
  work: IShelfWork;
}

/** One dataset: where students read it, its versions, and who has which. */
export function DatasetDetails({ host, dataset, work }: IDatasetDetailsProps): JSX.Element {
  const [tab, setTab] = React.useState('versions');
  const root = React.useRef<HTMLDivElement>(null);
  React.useEffect(() => {
    // What was opened below the panel's edge would seem to have done nothing.
    root.current?.closest('.growth-Details')?.scrollIntoView?.({ block: 'nearest' });
  }, [tab]);
  return (
    <div className="growth-DatasetDetails" ref={root}>
      {!isDeleted(dataset) && <StudentsPath path={dataset.path} />}
      {dataset.is_managed ? (
        <Tabs
          label={`About ${dataset.name}`}
          current={tab}
          onChange={setTab}
          tabs={[
            {
              id: 'versions',
              label: 'Versions',
              note: formatCount(keptOf(dataset).length),
              render: () => <Versions dataset={dataset} work={work} />
            },
            {
              id: 'receipts',
              label: 'Who has which',
              note: formatCount(studentsOf(dataset.receipts)),
              render: () => <ReceiptsTable host={host} name={dataset.name} />
            }
          ]}
        />
      ) : (
        <p className="growth-Quiet">
          {`A ${PLAIN_FOLDER}: somebody made it on the disk. It has no versions, no manifest and no receipts, and nothing here changes it. To have those, publish data under the same name: what is there now becomes v1, and can be restored.`}
        </p>
      )}
    </div>
  );
}

/** Where students read it, to be copied into a notebook. */
function StudentsPath({ path }: { path: string }): JSX.Element {
  const [copied, copy] = useCopy();
  return (
    <p className="growth-StudentsPath">
      <span>
        Students read <code>{path}</code>
      </span>
      <Button
        label={copied ? 'Copied' : 'Copy'}
        icon="copy"
        look="link"
        title="Copy the path"
        onClick={() => copy(path)}
      />
    </p>
  );
}
