/** What came out of a build: size, packages, licences, checks. */

import * as React from 'react';

import { formatBytes } from '../../ui/bytes';
import { EmptyState } from '../../ui/empty-state';
import { type Fact, Facts } from '../../ui/facts';
import { StateBadge } from '../../ui/state-badge';
import type { IChip, IColumn } from '../../ui/table/columns';
import { Table } from '../../ui/table/table';
import { formatSpan, plural } from '../../ui/time';
import { Digest } from '../digest';
import { spellGrowth } from '../words';
import type { IBuild, IBuildDetails, IInstalled, IPackageDelta, ISmokeCheck } from './client';
import { spellChanges } from './words';

interface IOutcomeProps {
  build: IBuild;
  details: IBuildDetails | null;
}

/** Tag and digest, how large it is against the one before, what its checks said. */
export function Outcome({ build, details }: IOutcomeProps): JSX.Element {
  const growth = details?.size_change_bytes;
  const other = details?.compared_with;
  const against = other && growth !== null && growth !== undefined;
  const facts: Fact[] = [
    ['Tag', <code key="tag">{build.tag}</code>],
    ['Digest', <Digest key="digest" digest={build.digest} />],
    [
      'Size',
      build.size_bytes !== null &&
        formatBytes(build.size_bytes) +
          (against ? `, ${spellGrowth(growth)} than build ${other}` : '')
    ],
    [
      'In it',
      build.packages > 0 && `${plural(build.packages, 'package')}, Python ${build.python_version}`
    ],
    [
      'Checks',
      build.is_smoke_passed !== null && (
        <StateBadge
          key="smoke"
          tone={build.is_smoke_passed ? 'ok' : 'error'}
          word={details?.smoke_detail || (build.is_smoke_passed ? 'passed' : 'failed')}
          title={details?.smoke_detail}
        />
      )
    ]
  ];
  return <Facts facts={facts} />;
}

const deltaKey = ({ kind, name }: IPackageDelta): string => `${kind} ${name}`;
const wordOf = ({ before, after }: IPackageDelta): string =>
  !before ? 'new' : !after ? 'gone' : 'other version';

const DELTA_CHIPS: readonly IChip<IPackageDelta>[] = (
  ['new', 'gone', 'other version'] as const
).map(word => ({ id: word, label: word, test: delta => wordOf(delta) === word }));

const DELTA_COLUMNS: readonly IColumn<IPackageDelta>[] = [
  { id: 'name', label: 'Package', kind: 'name', value: delta => delta.name, width: 120, grow: 2 },
  { id: 'before', label: 'Before', value: delta => delta.before || '–', width: 90 },
  { id: 'after', label: 'Now', value: delta => delta.after || '–', width: 90 },
  { id: 'what', label: 'What', value: wordOf, width: 96, grow: 0.2, priority: 2 },
  { id: 'kind', label: 'From', value: delta => delta.kind, width: 60, grow: 0.1, priority: 1 }
];

/** The packages that came, went or changed. */
export function Changes({ details }: { details: IBuildDetails }): JSX.Element {
  const { changes, compared_with: other } = details;
  if (!other) {
    return (
      <p className="growth-Empty">No image was built before it, so there is nothing to compare.</p>
    );
  }
  return (
    <>
      {changes.length > 0 && (
        <p className="growth-Quiet">
          Against build {other}: {spellChanges(changes)}.
        </p>
      )}
      <Table<IPackageDelta>
        label="Changed packages"
        noun={['package', 'packages']}
        rows={changes}
        columns={DELTA_COLUMNS}
        chips={DELTA_CHIPS}
        rowKey={deltaKey}
        empty={<EmptyState sentence={`It has the same packages as build ${other}.`} />}
      />
    </>
  );
}

const packageKey = ({ kind, name, version }: IInstalled): string => `${kind} ${name} ${version}`;

const PACKAGE_COLUMNS: readonly IColumn<IInstalled>[] = [
  { id: 'name', label: 'Package', kind: 'name', value: one => one.name, width: 120, grow: 2 },
  { id: 'version', label: 'Version', value: one => one.version, width: 90 },
  { id: 'license', label: 'Licence', value: one => one.license, width: 110, grow: 2, priority: 1 },
  { id: 'kind', label: 'From', value: one => one.kind, width: 60, grow: 0.1, priority: 2 }
];

/** Everything that is in it. */
export function Packages({ details }: { details: IBuildDetails }): JSX.Element {
  return (
    <Table<IInstalled>
      label="Packages of the image"
      noun={['package', 'packages']}
      rows={details.packages}
      columns={PACKAGE_COLUMNS}
      rowKey={packageKey}
      empty={<EmptyState sentence="Nothing is known of what is in it." />}
    />
  );
}

type LicenseRow = IBuildDetails['licenses'][number] & { names: string };

const licenseKey = ({ license }: LicenseRow): string => license;

const LICENSE_COLUMNS: readonly IColumn<LicenseRow>[] = [
  {
    id: 'license',
    label: 'Licence',
    kind: 'name',
    value: row => row.license || 'not said',
    width: 150,
    grow: 2
  },
  {
    id: 'count',
    label: 'Packages',
    kind: 'number',
    value: row => row.packages,
    width: 80,
    grow: 0.1
  },
  {
    id: 'names',
    label: 'Which',
    value: row => row.names,
    render: row => <span title={row.names}>{row.names}</span>,
    width: 140,
    grow: 4,
    priority: 1
  }
];

/** How many packages say that they have which licence. */
export function Licenses({ details }: { details: IBuildDetails }): JSX.Element {
  const rows = React.useMemo(
    () =>
      details.licenses.map(row => ({
        ...row,
        names: details.packages
          .filter(({ license }) => (license ?? '') === row.license)
          .map(({ name }) => name)
          .join(', ')
      })),
    [details]
  );
  return (
    <Table<LicenseRow>
      label="Licences"
      noun={['licence', 'licences']}
      rows={rows}
      columns={LICENSE_COLUMNS}
      rowKey={licenseKey}
      empty={<EmptyState sentence="No package says which licence it has." />}
    />
  );
}

const checkKey = ({ check }: ISmokeCheck): string => check;

const CHECK_COLUMNS: readonly IColumn<ISmokeCheck>[] = [
  { id: 'check', label: 'Check', kind: 'name', value: one => one.check, width: 120, grow: 2 },
  {
    id: 'state',
    label: 'State',
    value: one => one.state,
    render: one => (
      <StateBadge
        tone={one.state === 'passed' ? 'ok' : one.state === 'failed' ? 'error' : 'idle'}
        word={one.state}
      />
    ),
    width: 96,
    grow: 0.1
  },
  {
    id: 'seconds',
    label: 'Took',
    kind: 'number',
    value: one => one.seconds,
    render: one => formatSpan(one.seconds ?? 0),
    width: 70,
    grow: 0.1,
    priority: 2
  },
  {
    id: 'detail',
    label: 'What it said',
    value: one => one.detail,
    render: one => <span title={one.detail}>{one.detail}</span>,
    width: 140,
    grow: 4,
    priority: 1
  }
];

/** The image's own checks, line by line. */
export function Checks({ details }: { details: IBuildDetails }): JSX.Element {
  return (
    <Table<ISmokeCheck>
      label="Smoke checks"
      noun={['check', 'checks']}
      rows={details.checks}
      columns={CHECK_COLUMNS}
      rowKey={checkKey}
      details={one => <pre className="growth-Log">{one.detail || 'It said nothing.'}</pre>}
      detailsTitle={checkKey}
      empty={<EmptyState sentence="No check said anything." />}
    />
  );
}
