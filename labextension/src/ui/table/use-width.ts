import * as React from 'react';

/** Return an element's width in px, as it changes; Infinity until it is known. */
export function useWidth(element: React.RefObject<Element>): number {
  const [width_px, setWidth] = React.useState(Infinity);
  React.useLayoutEffect(() => {
    if (!element.current || typeof ResizeObserver === 'undefined') {
      return;
    }
    const observer = new ResizeObserver(entries =>
      setWidth(Math.round(entries[entries.length - 1].contentRect.width) || Infinity)
    );
    observer.observe(element.current);
    return () => observer.disconnect();
  }, [element]);
  return width_px;
}
