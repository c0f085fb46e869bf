/** What can be done with images: buttons, context menu and commands in one. */

import type { IAction } from '../panel/actions';
import type { IHost } from '../panel/host';
import { copyText } from '../ui/copy';
import { formatCount, formatMoment } from '../ui/time';
import type { IMoving } from './moving';
import type { ITimeline } from './types';
import { authorOf, type IImageRow, lastRollBack, nameOf, previousOf, shortOf } from './words';

/** Return what can be done with these images. */
export function rowActions(
  rows: readonly IImageRow[],
  moving: IMoving,
  onRecord: (row: IImageRow) => void
): IAction[] {
  const row = rows.length === 1 ? rows[0] : null;
  const label = row ? moveLabel(row) : 'Promote an image';
  const one = 'Select one image first';
  return [
    {
      id: 'images-promote',
      label,
      look: 'primary',
      isEnabled: row !== null && !row.isLive,
      reason: row === null ? one : row.isLive ? 'Students get this image already' : undefined,
      execute: () => row && moving.start(row.digest, label)
    },
    {
      id: 'images-record',
      label: 'Record a check',
      isEnabled: row !== null,
      reason: row === null ? one : `Keep what you found about ${nameOf(row)}`,
      execute: () => row && onRecord(row)
    },
    {
      id: 'images-copy-digest',
      label: 'Copy the digest',
      isEnabled: row !== null,
      reason: row === null ? one : row.digest,
      execute: () => row && void copyText(row.digest)
    }
  ];
}

function moveLabel(row: IImageRow): string {
  return `${row.leftAt ? 'Roll back to' : 'Promote'} ${nameOf(row)}`;
}

/** Return what goes back to the image that students had before this one. */
export function rollBackAction(
  timeline: ITimeline | null,
  rows: readonly IImageRow[],
  moving: IMoving
): IAction {
  const digest = timeline ? previousOf(timeline) : '';
  const row = rows.find(one => one.digest === digest);
  const label = digest ? `Roll back to ${row ? nameOf(row) : shortOf(digest)}` : 'Roll back';
  return {
    id: 'images-roll-back',
    label,
    isEnabled: digest !== '',
    reason: digest ? `Students had ${shortOf(digest)} before` : noWayBack(timeline),
    execute: () => moving.start(digest, label)
  };
}

function noWayBack(timeline: ITimeline | null): string {
  const back = timeline && lastRollBack(timeline);
  return back
    ? `${authorOf(back)} rolled back from ${shortOf(back.from_digest)} on ${formatMoment(new Date(back.time))} ` +
        'already. To go further back, choose the image in the list'
    : 'The tag never named anything else';
}

/** Return what lets the tag name again what a move brought. */
export function againAction(
  digest: string,
  timeline: ITimeline,
  rows: readonly IImageRow[],
  moving: IMoving
): IAction {
  const row = rows.find(one => one.digest === digest);
  const label = `Roll back to ${row ? nameOf(row) : shortOf(digest)}`;
  const isLive = digest === timeline.digest;
  return {
    id: 'images-again',
    label,
    isEnabled: digest !== '' && !isLive,
    reason: isLive ? 'Students get this image already' : undefined,
    execute: () => moving.start(digest, label)
  };
}

/** Return what hands all servers on another image than this one to the servers panel. */
export function restartAction(host: IHost, digest: string, stale: number | null): IAction {
  const isOpen = host.me.areas.includes('servers');
  return {
    id: 'images-restart',
    label:
      stale === null
        ? 'Choose the servers on another image'
        : `Restart the ${formatCount(stale)} on another image`,
    isEnabled: isOpen && digest !== '' && stale !== 0,
    reason: isOpen
      ? 'Opens Servers with all who are on another image; the plan comes first'
      : 'Servers are not open to you',
    execute: () => host.school.open('servers', `image-not:${digest}`)
  };
}
