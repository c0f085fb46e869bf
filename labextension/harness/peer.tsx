/** What figures of scrolling are compared with: as many rows, each one line of text, no table. */

import { useVirtualizer } from '@tanstack/react-virtual';
import * as React from 'react';

const COUNT = 10_000;
const ROW_PX = 28;

export function PeerPage(): JSX.Element {
  const scroller = React.useRef<HTMLDivElement>(null);
  const virtualizer = useVirtualizer({
    count: COUNT,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 12
  });
  return (
    <div className="growth-Panel" style={{ height: 'calc(100vh - 32px)' }}>
      <div className="growth-Scroller" ref={scroller}>
        <div style={{ position: 'relative', height: virtualizer.getTotalSize() }}>
          {virtualizer.getVirtualItems().map(({ key, index, start }) => (
            <div
              key={key}
              className="growth-Row"
              style={{ position: 'absolute', top: start, height: ROW_PX, width: '100%' }}
            >
              student-{index}
            </div>
          ))}
        </div>
      </div>
    </div>
  );
}
