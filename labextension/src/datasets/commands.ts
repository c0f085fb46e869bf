import type { IAreaCommand } from '../panel/area';

/** What the datasets panel can do. */
export const DATASET_COMMANDS: readonly IAreaCommand[] = [
  { id: 'datasets-paste-link', label: 'Publish data from a link' },
  { id: 'datasets-choose-files', label: 'Publish files from this computer' },
  { id: 'datasets-choose-folder', label: 'Publish a folder from this computer' },
  { id: 'datasets-verify', label: 'Verify the selected datasets' },
  { id: 'datasets-restore', label: 'Restore the version before of the selected dataset' },
  { id: 'datasets-delete', label: 'Delete the selected dataset' },
  { id: 'datasets-undelete', label: 'Take the selected dataset out of the trash' },
  { id: 'datasets-copy-path', label: 'Copy the path of the selected dataset for students' },
  { id: 'datasets-copy-csv', label: 'Copy the datasets shown as CSV' },
  { id: 'datasets-refresh', label: 'Refresh the list of datasets' }
];
