/**
 * Servers by what they are: filter of the table, and selector. The server finds the same ones
 * (`servers/selecting.py`); both are held to `tests/unit/servers/alike.json`.
 */

import type { IServer } from '../api/types';
import type { ISelector } from './types';
import { spellImage } from './words';

export interface ICriteria {
  team: string;
  /** A digest, or the reference where no digest is known. */
  imageNot: string;
  isOldRevision: boolean;
  /** Minutes; null for any. */
  idleMin: number | null;
  result: string;
}

export const ANYBODY: ICriteria = {
  team: '',
  imageNot: '',
  isOldRevision: false,
  idleMin: null,
  result: ''
};

export function isAnybody(criteria: ICriteria): boolean {
  return Object.values(criteria).every(value => !value);
}

/** Return what finds the same servers at the hub: default ones only, as they are then. */
export function selectorOf(criteria: ICriteria): ISelector {
  const { team, imageNot, isOldRevision, idleMin, result } = criteria;
  return {
    groups: team ? [team] : [],
    states: [],
    name: '',
    image_not: imageNot,
    is_old_revision: isOldRevision,
    idle_min: idleMin,
    start_results: result ? [result] : [],
    has_named: false
  };
}

export interface INarrowed {
  rows: readonly IServer[];
  /** How many more may match: of them `lackOf` is not known. */
  unknown: number;
}

/** Return the servers that match; the same ones come back for criteria that ask for nothing. */
export function narrow(rows: readonly IServer[], criteria: ICriteria, now: number): INarrowed {
  if (isAnybody(criteria)) {
    return { rows, unknown: 0 };
  }
  let unknown = 0;
  const kept = rows.filter(server => {
    if (!isLike(server, criteria, now)) {
      return false;
    }
    const hasStarted = startedLike(server, criteria);
    unknown += Number(hasStarted === null && server.state !== 'stopped');
    return hasStarted === true;
  });
  return { rows: kept, unknown };
}

/** Return what is not known of servers that may match, as the subject of a sentence. */
export function lackOf({ imageNot, isOldRevision, result }: ICriteria): string {
  const thing = isDigest(imageNot) ? 'digest' : 'image';
  const lacks = [
    imageNot && `which ${thing} they run`,
    (isOldRevision || result) && 'how they started last'
  ];
  return lacks.filter(Boolean).join(' or ');
}

function isDigest(image: string): boolean {
  return image.startsWith('sha256:');
}

function isLike(server: IServer, { team, idleMin }: ICriteria, now: number): boolean {
  const last = Date.parse(server.last_activity ?? '');
  return (
    server.server_name === '' &&
    (!team || server.groups.includes(team)) &&
    (idleMin === null || now - last >= idleMin * 60_000)
  );
}

/** Return whether the last start was such a one; null where that is not known. */
function startedLike(server: IServer, criteria: ICriteria): boolean | null {
  const { imageNot, isOldRevision, result } = criteria;
  // A tag does not tell a digest: it may have named another one when that server started.
  const isTold = isDigest(imageNot) ? server.image_digest : server.image;
  if (imageNot && !isTold) {
    return null;
  }
  if ((isOldRevision || result) && !server.start_result) {
    return null;
  }
  return (
    (!imageNot || !isImage(server, imageNot)) &&
    (!isOldRevision || server.is_old_revision === true) &&
    (!result || server.start_result === result)
  );
}

/** Return whether a server runs this image: a digest, a reference, or just its tag. */
function isImage({ image, image_digest }: IServer, wanted: string): boolean {
  const isTag = !wanted.includes(':') && image?.split(':').pop() === wanted;
  return isTag || image === wanted || image_digest === wanted;
}

export interface IOption {
  value: string;
  label: string;
  count: number;
}

/** Return the teams, those of most servers first. */
export function teamsOf(rows: readonly IServer[]): IOption[] {
  return countBy(
    rows.flatMap(({ groups }) => groups),
    team => team
  );
}

/** Return how the last starts went, by how often. */
export function resultsOf(rows: readonly IServer[], wordOf: (state: string) => string): IOption[] {
  return countBy(
    rows.map(({ start_result }) => start_result ?? ''),
    wordOf
  );
}

/** Return the images of the last starts, that of most servers first. */
export function imagesOf(rows: readonly IServer[]): IOption[] {
  const labels = new Map<string, string>();
  const ids = rows.map(({ image, image_digest }) => {
    const id = image_digest ?? image ?? '';
    labels.set(id, spellImage(image, image_digest));
    return id;
  });
  return countBy(ids, id => labels.get(id) ?? id);
}

function countBy(values: readonly string[], labelOf: (value: string) => string): IOption[] {
  const counts = new Map<string, number>();
  values.filter(Boolean).forEach(value => counts.set(value, (counts.get(value) ?? 0) + 1));
  return [...counts]
    .map(([value, count]) => ({ value, label: labelOf(value), count }))
    .sort((a, b) => b.count - a.count || a.label.localeCompare(b.label));
}
