/** Amounts of data, in words; decimal units, as in the server's own sentences. */

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];

/** Return an amount of data: "0 B", "812 kB", "1.4 GB", "−2 MB". */
export function formatBytes(bytes: number): string {
  let value = Math.abs(bytes);
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const text = Number(value.toFixed(value < 99.5 ? 1 : 0)).toLocaleString();
  return `${bytes < 0 ? '−' : ''}${text} ${UNITS[unit]}`;
}
