import { LabIcon } from '@jupyterlab/ui-components';

import type { IArea } from '../panel/area';
import { ImagesClient } from './client';
import { IMAGE_COMMANDS } from './commands';
import { statusOf } from './words';

/** Layers on top of each other; drawn in the colour of Lab's icons. */
const icon = new LabIcon({
  name: 'growth-admin:images',
  svgstr: `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" width="16">
  <g class="jp-icon3" fill="#616161">
    <path d="M12 3 2.500 7.800 12 12.600l9.500-4.800z"/>
    <path d="m4.700 10.900-2.200 1.100L12 16.800l9.500-4.800-2.200-1.100L12 14.600z"/>
    <path d="m4.700 15.100-2.200 1.100L12 21l9.500-4.800-2.200-1.100L12 18.800z"/>
  </g>
</svg>`
});

export const images: IArea = {
  id: 'images',
  label: 'Images',
  caption: "What students' servers start with: promote an image, and take it back",
  icon,
  commands: IMAGE_COMMANDS,
  load: async () => (await import(/* webpackChunkName: "images" */ './panel')).ImagesPanel,
  isStatusFirst: true,
  getStatus: async api => statusOf(await new ImagesClient(api).getTimeline())
};
