import * as React from 'react';

type Drop = Pick<React.HTMLAttributes<HTMLElement>, 'onDragOver' | 'onDragLeave' | 'onDrop'> & {
  'data-dropping'?: boolean;
};

/** Return what makes an element take a file that is dropped anywhere on it. */
export function useFileDrop(onFile: (file: File) => void): Drop {
  const [isOver, setOver] = React.useState(false);
  return {
    'data-dropping': isOver || undefined,
    onDragOver: event => {
      if (hasFiles(event.dataTransfer)) {
        event.preventDefault();
        event.stopPropagation();
        event.dataTransfer.dropEffect = 'copy';
        setOver(true);
      }
    },
    onDragLeave: event => {
      if (!event.currentTarget.contains(event.relatedTarget as Node | null)) {
        setOver(false);
      }
    },
    onDrop: event => {
      setOver(false);
      const [file] = event.dataTransfer.files;
      if (file) {
        event.preventDefault();
        event.stopPropagation();
        onFile(file);
      }
    }
  };
}

function hasFiles(transfer: DataTransfer): boolean {
  return [...transfer.types].includes('Files');
}
