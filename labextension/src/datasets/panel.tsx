/** What the frame fetches: the views of this area over the page's one queue of uploads. */

import './style';

import * as React from 'react';

import type { IPanelProps } from '../panel/host';
import { queueOf } from './queue';
import { DatasetsView, UploadView } from './views';

export function DatasetsPanel({ host }: IPanelProps): JSX.Element {
  return <DatasetsView host={host} queue={queueOf(host.api)} />;
}

export function UploadPanel({ host }: IPanelProps): JSX.Element {
  return <UploadView host={host} queue={queueOf(host.api)} />;
}
