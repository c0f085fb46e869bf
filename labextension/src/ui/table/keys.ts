/** Keys of a grid: what each one means, apart from what it does. */

export type GridKey =
  | { kind: 'move'; to: number }
  | { kind: 'toggle' }
  | { kind: 'open' }
  | { kind: 'close' }
  | { kind: 'select-all' }
  | { kind: 'menu' };

interface IKeyEvent {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  shiftKey: boolean;
  altKey: boolean;
}

const PAGE_ROWS = 10;

/** Return what a key means with row `active` of `count` under the cursor; null for other keys. */
export function gridKey(event: IKeyEvent, active: number, count: number): GridKey | null {
  const isCommand = event.ctrlKey || event.metaKey;
  if (isCommand) {
    return event.key.toLowerCase() === 'a' && !event.shiftKey ? { kind: 'select-all' } : null;
  }
  if (event.key === 'ContextMenu' || (event.shiftKey && event.key === 'F10')) {
    return { kind: 'menu' };
  }
  if (event.altKey) {
    return null;
  }
  const moves: Record<string, number> = {
    ArrowDown: active + 1,
    ArrowUp: active - 1,
    PageDown: active + PAGE_ROWS,
    PageUp: active - PAGE_ROWS,
    Home: 0,
    End: count - 1
  };
  if (event.key in moves) {
    return { kind: 'move', to: Math.max(0, Math.min(count - 1, moves[event.key])) };
  }
  const plain: Record<string, GridKey> = {
    ' ': { kind: 'toggle' },
    Enter: { kind: 'open' },
    Escape: { kind: 'close' }
  };
  return plain[event.key] ?? null;
}
