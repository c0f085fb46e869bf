/** How long it is until something happens, in words. */

const CLOCK = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });

/** Return "in 4 min 10 s (10:40)"; the clock is the viewer's. */
export function timeLeft(left_s: number, at_s: number): string {
  if (left_s <= 0) {
    return 'any moment now';
  }
  const clock = CLOCK.format(new Date(at_s * 1000));
  const seconds = Math.ceil(left_s);
  if (seconds >= 3600) {
    return `at ${clock}`;
  }
  const [minutes, rest] = [Math.floor(seconds / 60), seconds % 60];
  const words = [minutes && `${minutes} min`, (rest || !minutes) && `${rest} s`];
  return `in ${words.filter(Boolean).join(' ')} (${clock})`;
}
