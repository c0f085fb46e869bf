/** Criteria that another panel, or a notebook, hands over as the text of the filter box. */

import * as React from 'react';

import { ANYBODY, type ICriteria } from './criteria';

const IMAGE_NOT = /^\s*image-not:(\S+)\s*$/;

/** Return the criteria that a text of the filter box stands for; null for plain text. */
export function handedBy(filter: string): ICriteria | null {
  const found = IMAGE_NOT.exec(filter);
  return found && { ...ANYBODY, imageNot: found[1] };
}

/** Take criteria out of the filter box as soon as they stand there: nothing matches them as text. */
export function useHanded(
  filter: string,
  setFilter: (text: string) => void,
  setCriteria: (criteria: ICriteria) => void
): void {
  const latest = React.useRef({ setFilter, setCriteria });
  latest.current = { setFilter, setCriteria };
  React.useEffect(() => {
    const criteria = handedBy(filter);
    if (criteria) {
      latest.current.setCriteria(criteria);
      latest.current.setFilter('');
    }
  }, [filter]);
}
