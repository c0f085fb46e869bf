/** What clicks and keys do in a grid: the cursor, the selection, opening, the menu. */

import * as React from 'react';

import { BOX_PX } from './grid-rows';
import { gridKey } from './keys';
import { add, range, toggle } from './selection';

export interface IMenuPlace {
  key: string;
  x: number;
  y: number;
}

export interface IGridCursorOptions {
  /** Keys of the rows, in the order shown. */
  keys: readonly string[];
  /** Return the id of the element of a row. */
  idOf(index: number): string;
  selection: readonly string[];
  onSelection?(keys: readonly string[]): void;
  openKey: string | null;
  onOpen?(key: string | null): void;
  scrollTo(index: number): void;
}

export interface IGridCursor {
  /** Row under the cursor. */
  active: number;
  activeKey: string | null;
  menu: IMenuPlace | null;
  setMenu(menu: IMenuPlace | null): void;
  onPick(key: string, part: 'row' | 'box', event: React.MouseEvent): void;
  onMenu(key: string, event: React.MouseEvent): void;
  onKeyDown(event: React.KeyboardEvent): void;
  onFocus(event: React.FocusEvent): void;
}

export function useGridCursor(options: IGridCursorOptions): IGridCursor {
  const { keys, selection, onSelection, openKey, onOpen } = options;
  const [activeKey, setActiveKey] = React.useState<string | null>(null);
  const [menu, setMenu] = React.useState<IMenuPlace | null>(null);
  const active = Math.max(0, activeKey === null ? 0 : keys.indexOf(activeKey));

  const pick = (key: string, part: 'row' | 'box', event: React.MouseEvent): void => {
    const isBox = part === 'box' || event.ctrlKey || event.metaKey || event.shiftKey;
    if (onSelection && isBox) {
      const upTo = range(keys, active, keys.indexOf(key));
      onSelection(event.shiftKey ? add(selection, upTo) : toggle(selection, key));
    } else {
      onOpen?.(openKey === key ? null : key);
    }
    setActiveKey(key);
  };
  const openMenu = (key: string, x: number, y: number): void => {
    setActiveKey(key);
    setMenu({ key, x, y });
  };
  const press = (event: React.KeyboardEvent): boolean => {
    const meant = gridKey(event, active, keys.length);
    const key = keys[active];
    if (!meant || key === undefined || (meant.kind === 'close' && openKey === null)) {
      return false;
    }
    setActiveKey(meant.kind === 'move' ? keys[meant.to] : key);
    switch (meant.kind) {
      case 'move':
        options.scrollTo(meant.to);
        if (event.shiftKey) {
          onSelection?.(add(selection, range(keys, active, meant.to)));
        }
        break;
      case 'toggle':
        onSelection?.(toggle(selection, key));
        break;
      case 'select-all':
        onSelection?.(add(selection, keys));
        break;
      case 'open':
        onOpen?.(key);
        break;
      case 'close':
        onOpen?.(null);
        break;
      case 'menu': {
        const box = document.getElementById(options.idOf(active))?.getBoundingClientRect();
        openMenu(key, (box?.left ?? 0) + BOX_PX, box?.bottom ?? 0);
      }
    }
    return true;
  };
  // Rows are drawn anew only when something about them changes, so these must stay the same.
  const latest = React.useRef({ pick, openMenu });
  latest.current = { pick, openMenu };
  const onPick = React.useCallback<typeof pick>((...args) => latest.current.pick(...args), []);
  const onMenu = React.useCallback((key: string, event: React.MouseEvent): void => {
    event.preventDefault();
    event.stopPropagation();
    latest.current.openMenu(key, event.clientX, event.clientY);
  }, []);
  return {
    active,
    activeKey,
    menu,
    setMenu,
    onPick,
    onMenu,
    onKeyDown: event => {
      if (event.target === event.currentTarget && press(event)) {
        event.preventDefault();
        event.stopPropagation();
      }
    },
    onFocus: event => {
      if (event.target === event.currentTarget && activeKey === null && keys.length > 0) {
        setActiveKey(keys[0]);
      }
    }
  };
}
