/** Which rows are selected: by key, so that it survives filters, sorting and refreshing. */

/** Return the selection with one row in or out. */
export function toggle(selection: readonly string[], key: string): string[] {
  return selection.includes(key) ? selection.filter(other => other !== key) : [...selection, key];
}

/** Return the selection with these rows in as well. */
export function add(selection: readonly string[], keys: readonly string[]): string[] {
  return [...new Set([...selection, ...keys])];
}

/** Return the selection without these rows. */
export function remove(selection: readonly string[], keys: readonly string[]): string[] {
  const gone = new Set(keys);
  return selection.filter(key => !gone.has(key));
}

/** Return the keys from one row to another, both included, in the order shown. */
export function range(keys: readonly string[], from: number, to: number): string[] {
  return keys.slice(Math.min(from, to), Math.max(from, to) + 1);
}
