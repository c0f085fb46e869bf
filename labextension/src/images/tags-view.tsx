/** Every image of the registry under its tags, with its checks, and the sizes as a picture. */

import * as React from 'react';

import type { IAction } from '../panel/actions';
import type { IHost } from '../panel/host';
import { Button } from '../ui/button';
import { EmptyState } from '../ui/empty-state';
import { Table } from '../ui/table/table';
import { plural } from '../ui/time';
import { IMAGE_CHIPS, IMAGE_COLUMNS } from './columns';
import { ImageDetails } from './image-details';
import { SizePlot } from './size-plot';
import type { IImages } from './types';
import { type IImageRow, nameOf } from './words';

interface ITagsViewProps {
  host: IHost;
  images: IImages;
  rows: readonly IImageRow[];
  filter: string;
  selection: readonly string[];
  onSelection(keys: readonly string[]): void;
  actionsFor(rows: readonly IImageRow[]): readonly IAction[];
  csvRef: React.MutableRefObject<() => string>;
  onLookUp(): void;
  onChecked(): void;
}

const keyOf = (row: IImageRow): string => row.digest;

export function TagsView(props: ITagsViewProps): JSX.Element {
  const { host, images, rows, actionsFor } = props;
  const [open, setOpen] = React.useState<string | null>(null);
  const live = rows.find(row => row.isLive)?.image ?? null;
  return (
    <>
      {images.left_out > 0 && (
        <p className="growth-Notice growth-Images-said" role="status">
          <span>
            {plural(images.left_out, 'more tag')} {images.left_out === 1 ? 'is' : 'are'} not shown.
          </span>
          <Button label="Promote one by its name" look="link" onClick={props.onLookUp} />
        </p>
      )}
      <SizePlot rows={rows} onPick={setOpen} />
      <Table<IImageRow>
        label="Images"
        noun={['image', 'images']}
        rows={rows}
        columns={IMAGE_COLUMNS}
        chips={IMAGE_CHIPS}
        rowKey={keyOf}
        filter={props.filter}
        openKey={open}
        onOpenKey={setOpen}
        selection={props.selection}
        onSelection={props.onSelection}
        actionsFor={actionsFor}
        detailsTitle={nameOf}
        details={row => (
          <ImageDetails
            host={host}
            row={row}
            live={live}
            actions={actionsFor([row])}
            onChecked={props.onChecked}
          />
        )}
        csvRef={props.csvRef}
        empty={
          <EmptyState
            sentence={`The registry has no image ${images.name} yet: push one under any tag.`}
            runbook="O09-promote-an-image.ipynb"
          />
        }
      />
    </>
  );
}
