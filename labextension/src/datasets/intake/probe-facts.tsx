import * as React from 'react';

import { formatBytes } from '../../ui/bytes';
import { Button } from '../../ui/button';
import { Icon } from '../../ui/icons';
import { MiddleText } from '../../ui/middle-text';
import { formatCount, plural, RelativeTime } from '../../ui/time';
import type { IDraftOptions } from '../draft';
import { currentOf, type IShelf } from '../model';
import type { IProbe } from '../types';
import { SOURCES } from '../words';

interface IProbeFactsProps {
  probe: IProbe;
  shelf: IShelf | null;
  options: IDraftOptions;
}

/** What it is, how large, how far it can be trusted, and what the disk looks like afterwards. */
export function ProbeFacts({ probe, shelf, options }: IProbeFactsProps): JSX.Element {
  return (
    <>
      <div className="growth-Draft-head">
        <strong title={probe.link}>{probe.title}</strong>
        <span className="growth-Quiet">
          {SOURCES[probe.kind]}
          {probe.credential !== 'none' &&
            `, asked with ${CREDENTIALS[probe.credential] ?? probe.credential}`}
          {probe.modified && (
            <>
              , changed <RelativeTime time={probe.modified} />
            </>
          )}
        </span>
      </div>
      <dl className="growth-Facts">
        <dt>Size</dt>
        <dd>
          {probe.size_bytes === null
            ? `${spellFiles(probe)}; the source does not say how large`
            : `${formatBytes(probe.size_bytes)} in ${spellFiles(probe)}`}
          {probe.archive && ` (${spellArchives(probe)})`}
        </dd>
        <dt>Checksum</dt>
        <dd>
          <Trust probe={probe} expected={options.checksum} />
        </dd>
        <SpaceFacts probe={probe} />
        <Replaces name={options.name} probe={probe} shelf={shelf} />
      </dl>
      {probe.warnings.map(warning => (
        <p key={warning} className="growth-Warning">
          <Icon name="warn" />
          <span>{warning}</span>
        </p>
      ))}
      <Sample probe={probe} />
    </>
  );
}

/** How the source was asked. */
const CREDENTIALS: Record<string, string> = {
  api_key: 'an API key',
  service_account: 'a service account'
};

function spellFiles(probe: IProbe): string {
  const files = plural(probe.files, 'file');
  return probe.is_complete ? files : `at least ${files} (counting them all would take too long)`;
}

function spellArchives({ archive, archives, is_folder, files }: IProbe): string {
  if (!is_folder && files === 1) {
    return `${archive} archive`;
  }
  return archives < files ? `${formatCount(archives)} of them packed` : 'packed';
}

/** Whether the source says what the bytes must be; plainly, if it does not. */
function Trust({ probe, expected }: { probe: IProbe; expected: string }): JSX.Element {
  const { files, files_with_checksum: known } = probe;
  const only = probe.checksum || (files === 1 && known === 1 ? probe.sample[0]?.checksum : '');
  if (only) {
    return <code title={only}>{only}</code>;
  }
  if (known > 0 && known >= files) {
    return <span>from the source, for all {plural(files, 'file')}</span>;
  }
  const none =
    known > 0
      ? `${formatCount(files - known)} of ${plural(files, 'file')} have none: those stay unverified against source`
      : 'no checksum: unverified against source';
  return (
    <span className="growth-Draft-unverified">
      <Icon name="warn" /> {expected.trim() ? `${none}; yours is compared instead` : none}
    </span>
  );
}

/** The shared disk now and afterwards. */
function SpaceFacts({ probe }: { probe: IProbe }): JSX.Element {
  const { free_bytes: now, free_after_bytes: after } = probe;
  const isShort = after !== null && after < 0;
  return (
    <>
      <dt>Free space</dt>
      <dd>
        {formatBytes(now)} now
        {after === null
          ? '; how much is left afterwards cannot be told'
          : isShort
            ? ''
            : `, about ${formatBytes(after)} after`}
        {isShort && (
          <span className="growth-Draft-unverified">
            {' '}
            <Icon name="error" /> {formatBytes(-after)} too little
          </span>
        )}
      </dd>
    </>
  );
}

interface IReplacesProps {
  name: string;
  probe: Pick<IProbe, 'replaces' | 'replaces_size_bytes' | 'suggested_name'> | null;
  shelf: IShelf | null;
}

/** What students read under this name today. */
export function Replaces({ name, probe, shelf }: IReplacesProps): JSX.Element {
  return (
    <>
      <dt>Replaces</dt>
      <dd>{spellReplaced(name, probe, shelf)}</dd>
    </>
  );
}

/** Return what the name stands for now; the list knows, and before it is there the probe does. */
export function spellReplaced(
  name: string,
  probe: IReplacesProps['probe'],
  shelf: IShelf | null
): string {
  const dataset = shelf?.datasets.find(known => known.name === name);
  if (dataset && !dataset.is_managed) {
    return `the plain folder ${name}, which was not published here and becomes v1`;
  }
  const current = dataset && currentOf(dataset);
  if (current) {
    return `${name} ${current.version} (${formatBytes(current.size_bytes)}), which is kept and can be restored`;
  }
  if (!shelf && probe?.replaces && name === probe.suggested_name) {
    return `${name} ${probe.replaces}, which is kept and can be restored`;
  }
  return `nothing: ${name || 'the dataset'} is new`;
}

/** The first files, on a click. */
function Sample({ probe }: { probe: IProbe }): JSX.Element | null {
  const [isOpen, setOpen] = React.useState(false);
  const { sample, files } = probe;
  if (sample.length === 0 || (files <= 1 && !probe.is_folder)) {
    return null;
  }
  const rest = files - sample.length;
  return (
    <div className="growth-Sample">
      <Button
        label={`${isOpen ? 'Hide' : 'Show'} ${rest > 0 ? 'the first' : 'the'} ${plural(sample.length, 'file')}`}
        look="link"
        icon={isOpen ? 'down' : 'right'}
        isExpanded={isOpen}
        onClick={() => setOpen(!isOpen)}
      />
      {isOpen && (
        <ul>
          {sample.map(file => (
            <li key={file.path}>
              <MiddleText text={file.path} />
              <span>
                {file.size_bytes === null ? 'size unknown' : formatBytes(file.size_bytes)}
              </span>
            </li>
          ))}
          {rest > 0 && <li className="growth-Quiet">{`and ${formatCount(rest)} more`}</li>}
        </ul>
      )}
    </div>
  );
}
