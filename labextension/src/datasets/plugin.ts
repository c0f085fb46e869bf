import { LabIcon } from '@jupyterlab/ui-components';

import type { IArea, IView } from '../panel/area';
import { DATASET_COMMANDS } from './commands';
import { DatasetsClient } from './client';
import { statusOf } from './words';

/** Three disks on top of each other; drawn in the colour of Lab's icons. */
const icon = new LabIcon({
  name: 'growth-admin:datasets',
  svgstr: `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" width="16">
  <g class="jp-icon3" fill="#616161">
    <path d="M12 2.500c-4.700 0-8 1.400-8 3.300s3.300 3.200 8 3.200 8-1.400 8-3.200-3.300-3.300-8-3.300z"/>
    <path d="M4 8.600v3.400c0 1.900 3.300 3.300 8 3.300s8-1.400 8-3.300V8.600c-1.600 1.500-4.700 2.300-8 2.300s-6.400-.8-8-2.300z"/>
    <path d="M4 14.800v3.400c0 1.900 3.300 3.300 8 3.300s8-1.400 8-3.300v-3.400c-1.600 1.500-4.700 2.400-8 2.400s-6.400-.9-8-2.400z"/>
  </g>
</svg>`
});

export const datasets: IArea = {
  id: 'datasets',
  label: 'Datasets',
  caption: 'Bring data from a link or a laptop to every student, and see who has which version',
  icon,
  commands: DATASET_COMMANDS,
  load: async () => (await import(/* webpackChunkName: "datasets" */ './panel')).DatasetsPanel,
  getStatus: async api => {
    const [{ datasets: all }, jobs] = await Promise.all([
      new DatasetsClient(api).list(),
      api.listJobs({ area: 'datasets' })
    ]);
    return statusOf(all, jobs);
  }
};

/** `widgets.upload()`: only what brings data in, for a cell of a notebook. */
export const upload: IView = {
  id: 'upload',
  label: 'Upload',
  area: 'datasets',
  load: async () => (await import(/* webpackChunkName: "datasets" */ './panel')).UploadPanel
};
