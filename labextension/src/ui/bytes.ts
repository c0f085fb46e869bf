/** Amounts of data, in words. */

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

/** Return an amount of data with three digits at most: "0 B", "812 KiB", "1.4 GiB", "-2 MiB". */
export function formatBytes(bytes: number): string {
  let value = Math.abs(bytes);
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  const text = Number(value.toFixed(digits)).toLocaleString();
  return `${bytes < 0 ? '−' : ''}${text} ${UNITS[unit]}`;
}
