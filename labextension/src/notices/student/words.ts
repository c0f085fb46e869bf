/** What the row of a restart says. */

/** What is said once the server is gone, with so many documents changed since they were saved. */
export function goneText(changed: number, isStop: boolean): string {
  const what = isStop
    ? 'Your server was stopped; start it again when you need it.'
    : 'Your server is being restarted.';
  if (changed) {
    return `${what} ${documents(changed)} changed since the last save: keep this page open, what changed is saved when the server is back.`;
  }
  return isStop
    ? `${what} Everything is saved.`
    : `${what} Everything is saved; this page comes back by itself.`;
}

/** What is said to somebody who need not wait. */
export function readyText(isStop: boolean): string {
  const done = isStop ? 'stopped' : 'restarted';
  return `Everything is saved. Your server is ${done} in a moment; what you change until then is saved too.`;
}

/** Return the number in words: "1 document". */
export function documents(count: number): string {
  return count === 1 ? '1 document' : `${count} documents`;
}
