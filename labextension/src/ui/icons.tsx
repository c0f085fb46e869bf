/** Small drawings in the colour of the text around them; the word beside them says the same. */

import * as React from 'react';

const PATHS = {
  ok: 'M8 1.500a6.500 6.500 0 1 0 0 13 6.500 6.500 0 0 0 0-13zM7 11 3.900 7.900l1.100-1.100L7 8.800l4-4 1.100 1.100z',
  error:
    'M8 1.500a6.500 6.500 0 1 0 0 13 6.500 6.500 0 0 0 0-13zm3.100 8.500L10 11.100l-2-2-2 2L4.900 10l2-2-2-2L6 4.900l2 2 2-2L11.100 6l-2 2z',
  warn: 'M8 1.500 15.200 14H.8zM7.200 6v4h1.600V6zm0 5.200v1.500h1.600v-1.500z',
  info: 'M8 1.500a6.500 6.500 0 1 0 0 13 6.500 6.500 0 0 0 0-13zM7.200 4h1.600v1.600H7.200zm0 2.800h1.600V12H7.200z',
  busy: 'M8 1.500a6.500 6.500 0 1 0 0 13 6.500 6.500 0 0 0 0-13zM8 3v10A5 5 0 0 1 8 3z',
  idle: 'M8 1.500a6.500 6.500 0 1 0 0 13 6.500 6.500 0 0 0 0-13zM8 3a5 5 0 1 1 0 10A5 5 0 0 1 8 3z',
  dot: 'M8 3.500a4.500 4.500 0 1 0 0 9 4.500 4.500 0 0 0 0-9z',
  refresh: 'M13 3v4H9l1.600-1.600A3.700 3.700 0 1 0 11.500 9h1.600a5.200 5.200 0 1 1-1.400-4.700z',
  close:
    'm4.200 3.100 3.800 3.800 3.800-3.800 1.100 1.100L9.100 8l3.800 3.800-1.100 1.100L8 9.100l-3.800 3.800-1.100-1.100L6.900 8 3.100 4.200z',
  right: 'm6 3.400 4.600 4.600L6 12.600l-1.100-1L8.400 8 4.900 4.500z',
  down: 'm3.400 6 4.600 4.600L12.600 6l-1-1.100L8 8.400 4.500 4.900z',
  left: 'M10 3.400 5.400 8l4.600 4.600 1.100-1L7.600 8l3.500-3.500z',
  up: 'm3.400 10 4.600-4.600 4.600 4.600-1 1.100L8 7.600l-3.500 3.500z',
  copy: 'M5 1.500h8.500V11H11v3.500H2.500V5H5zM6.500 3v2H11v4.500h1V3zM4 6.500V13h5.500V6.500z',
  search:
    'M6.800 2a4.800 4.800 0 0 1 3.800 7.700l3.300 3.300-1.100 1.100-3.300-3.300A4.800 4.800 0 1 1 6.800 2zm0 1.500a3.300 3.300 0 1 0 0 6.600 3.300 3.300 0 0 0 0-6.600z',
  skip: 'M3 3.500 8 8l-5 4.500zm5 0L13 8l-5 4.500z'
} as const;

export type IconName = keyof typeof PATHS;

/** Hidden from screen readers: the text beside it says what it means. */
export function Icon({ name, className }: { name: IconName; className?: string }): JSX.Element {
  return (
    <svg
      className={`growth-Icon growth-Icon-${name} ${className ?? ''}`}
      viewBox="0 0 16 16"
      width="14"
      height="14"
      aria-hidden="true"
      focusable="false"
    >
      <path fill="currentColor" fillRule="evenodd" d={PATHS[name]} />
    </svg>
  );
}
