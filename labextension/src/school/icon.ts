import { LabIcon } from '@jupyterlab/ui-components';

import { NAME } from '../tokens';

/** A sprout on a book: ours, in the colour that Lab gives to its own sidebar icons. */
export const schoolIcon = new LabIcon({
  name: `${NAME}:school`,
  svgstr: `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 24 24">
  <g class="jp-icon3" fill="#616161">
    <path d="M12 15.2c-2.7-1.7-5.6-2.3-9-2.2v6.6c3.400-.1 6.300.5 9 2.200 2.700-1.700 5.600-2.300 9-2.200V13c-3.400-.1-6.300.5-9 2.200zm-1 3.500c-1.900-.8-3.900-1.200-6-1.300v-2.300c2.200.2 4.200.8 6 1.900zm8-1.300c-2.100.1-4.100.5-6 1.300V17c1.800-1.100 3.800-1.700 6-1.900z"/>
    <path d="M11.200 12.500h1.700V9.600c3.700.1 6-2.200 6.100-6.100-3.100-.1-5.200 1.200-6.100 3.500C12 5.300 10.300 4.400 8 4.500c0 3 1.300 4.900 3.200 5.100z"/>
  </g>
</svg>`
});

/** Bars of unequal length: what runs, and how far. */
export const jobsIcon = new LabIcon({
  name: `${NAME}:jobs`,
  svgstr: `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 24 24">
  <g class="jp-icon3" fill="#616161">
    <path d="M3 5h18v3.500H3zm1.200 1.200v1.100h15.600V6.200z"/><path d="M3 5h12v3.500H3z"/>
    <path d="M3 10.250h18v3.500H3zm1.200 1.200v1.100h15.600v-1.100z"/><path d="M3 10.250h16v3.500H3z"/>
    <path d="M3 15.500h18V19H3zm1.200 1.200v1.100h15.600v-1.100z"/><path d="M3 15.500h6V19H3z"/>
  </g>
</svg>`
});
