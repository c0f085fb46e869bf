import * as React from 'react';

import { formatBytes } from '../../ui/bytes';
import { Button } from '../../ui/button';
import { type Fact, Facts } from '../../ui/facts';
import { StateBadge } from '../../ui/state-badge';
import { plural, RelativeTime } from '../../ui/time';
import { keptOf, trashOf } from '../model';
import type { ICheck, IDataset, IVersion } from '../types';
import { isGood, SOURCES, spellCheck, trustOf } from '../words';
import type { IShelfWork } from './actions';

interface IVersionsProps {
  dataset: IDataset;
  work: IShelfWork;
}

/** All versions that are kept, and those in the trash. */
export function Versions({ dataset, work }: IVersionsProps): JSX.Element {
  const kept = keptOf(dataset);
  const trash = trashOf(dataset);
  return (
    <div className="growth-Versions" tabIndex={0} role="region" aria-label="Versions">
      {kept.length === 0 && <p className="growth-Quiet">No version is published.</p>}
      <ol aria-label="Versions">
        {kept.map(version => (
          <VersionLine key={version.version} version={version} work={work} dataset={dataset} />
        ))}
      </ol>
      {trash.length > 0 && (
        <>
          <h4>In the trash</h4>
          <ol aria-label="Versions in the trash">
            {trash.map(version => (
              <li key={version.version} className="growth-Version">
                <div className="growth-Version-head">
                  <b>{version.version}</b>
                  <span className="growth-Quiet">
                    deleted <RelativeTime time={version.deleted} />,{' '}
                    {formatBytes(version.size_bytes)}
                  </span>
                  <span className="growth-Job-actions">
                    <Button
                      label={`Undelete ${version.version}`}
                      onClick={() => work.undelete(dataset.name, version.version)}
                    />
                  </span>
                </div>
              </li>
            ))}
          </ol>
        </>
      )}
    </div>
  );
}

interface IVersionLineProps extends IVersionsProps {
  version: IVersion;
}

function VersionLine({ version, dataset, work }: IVersionLineProps): JSX.Element {
  const { name } = dataset;
  const isCurrent = version.version === dataset.current;
  const [isOpen, setOpen] = React.useState(isCurrent);
  return (
    <li className="growth-Version" aria-current={isCurrent}>
      <div className="growth-Version-head">
        <Button
          label={`${isOpen ? 'Hide' : 'Show'} facts of ${version.version}`}
          icon={isOpen ? 'down' : 'right'}
          isIconOnly
          look="link"
          isExpanded={isOpen}
          onClick={() => setOpen(!isOpen)}
        />
        <b>{version.version}</b>
        {isCurrent && <StateBadge tone="ok" word="current" title="What students read" />}
        <span className="growth-Quiet">
          <RelativeTime time={version.published} /> by {version.published_by}
        </span>
      </div>
      {isOpen && <VersionFacts version={version} />}
      <div className="growth-Version-actions">
        {!isCurrent && (
          <Button
            label={`Restore ${version.version}`}
            onClick={() => work.restore(name, version.version)}
          />
        )}
        <Button
          label={`Verify ${version.version}`}
          title="Hashes every file again and compares it with what was published"
          onClick={() => work.verify([dataset], version.version)}
        />
        <Button
          label={`Delete ${version.version}`}
          isDisabled={isCurrent}
          title={
            isCurrent
              ? 'Students read it now: restore another version first, or delete the whole dataset'
              : 'Shows the plan first; it can be taken back for a while'
          }
          onClick={() => work.remove(name, version.version)}
        />
      </div>
    </li>
  );
}

/** What the manifest says of a version. */
function VersionFacts({ version }: { version: IVersion }): JSX.Element {
  const { source } = version;
  const link = /^https?:/.test(source.link) ? (
    <a href={source.link} target="_blank" rel="noopener noreferrer">
      {source.title || source.link}
    </a>
  ) : (
    source.title || source.link
  );
  const facts: Fact[] = [
    [
      'Holds',
      `${formatBytes(version.size_bytes)} in ${plural(version.files, 'file')}${version.is_extracted ? ', unpacked' : ''}`
    ],
    [
      'From',
      <>
        {SOURCES[source.kind]}: {link}
      </>
    ],
    ['Checked', <StateBadge key="trust" {...trustOf(version)} />],
    ['Last check', version.last_check ? <CheckLine check={version.last_check} /> : 'never'],
    ['Students get', version.delivery === 'copy' ? 'a copy that they may edit' : 'a link'],
    ['Note', version.note],
    ['SHA-256', version.sha256 && <Digest text={version.sha256} />],
    ['Manifest', version.manifest_sha256 && <Digest text={version.manifest_sha256} />]
  ];
  return <Facts facts={facts} />;
}

function Digest({ text }: { text: string }): JSX.Element {
  return (
    <code className="growth-Digest" title={text}>
      {text}
    </code>
  );
}

function CheckLine({ check }: { check: ICheck }): JSX.Element {
  return (
    <>
      <StateBadge
        tone={isGood(check) ? 'ok' : 'error'}
        word={isGood(check) ? spellCheck(check) : 'not as published'}
      />{' '}
      <RelativeTime time={check.time} /> by {check.by}
      {!isGood(check) && `: ${spellCheck(check)}`}
      {check.examples.length > 0 && (
        <ul className="growth-Version-examples">
          {check.examples.map(path => (
            <li key={path}>
              <code>{path}</code>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
