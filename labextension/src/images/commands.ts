import type { IAreaCommand } from '../panel/area';

/** What the images' panel can do. */
export const IMAGE_COMMANDS: readonly IAreaCommand[] = [
  { id: 'images-promote', label: 'Promote the selected image' },
  { id: 'images-roll-back', label: 'Roll back to the image that students had before' },
  { id: 'images-look-up', label: 'Promote an image by its tag or digest' },
  { id: 'images-record', label: 'Record a check of the selected image' },
  { id: 'images-restart', label: 'Choose the servers on another image for a restart' },
  { id: 'images-show-tags', label: 'Show the tags of the image' },
  { id: 'images-show-timeline', label: 'Show who moved the tag, when and why' },
  { id: 'images-show-packages', label: 'Show the packages of the image' },
  { id: 'images-show-builds', label: 'Show the builds of the image' },
  { id: 'images-build', label: 'Build the image from its source' },
  { id: 'images-copy-csv', label: 'Copy the images shown as CSV' },
  { id: 'images-refresh', label: 'Ask the registry for all images now' }
];
