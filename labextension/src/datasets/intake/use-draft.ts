import * as React from 'react';

import type { IHost } from '../../panel/host';
import { useModel } from '../../ui/polled';
import { DatasetsClient } from '../client';
import { Draft } from '../draft';
import type { IShelf } from '../model';
import type { IGuess } from './guess';

/** Return a draft that lives as long as the component, and is drawn again when it changes. */
export function useDraft(host: IHost, shelf: IShelf | null, guess?: IGuess): Draft {
  const latest = React.useRef(shelf);
  latest.current = shelf;
  const { suggested_name: name, archive } = guess ?? {};
  const draft = React.useMemo(() => {
    const deliveryOf: Draft['deliveryOf'] = wanted =>
      latest.current?.datasets.find(dataset => dataset.is_managed && dataset.name === wanted)
        ?.delivery;
    const fresh = new Draft(new DatasetsClient(host.api), deliveryOf);
    fresh.guess =
      name === undefined || archive === undefined ? null : { suggested_name: name, archive };
    return fresh;
  }, [host.api, name, archive]);
  React.useEffect(() => () => draft.dispose(), [draft]);
  return useModel(draft);
}
