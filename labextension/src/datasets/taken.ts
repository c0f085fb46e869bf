/** Uploads that a job of this page is publishing: the server lists them until the job has ended. */

import type { IUploadQueue } from './uploads';

const links = new WeakMap<IUploadQueue, Set<string>>();

/** Remember that a job was started for this link. */
export function take(queue: IUploadQueue, link: string): void {
  links.set(queue, (links.get(queue) ?? new Set()).add(link));
}

export function isTaken(queue: IUploadQueue, link: string): boolean {
  return links.get(queue)?.has(link) ?? false;
}

/** A job has ended: what the server still lists may be published again. */
export async function release(queue: IUploadQueue): Promise<void> {
  await queue.refresh();
  links.delete(queue);
}
