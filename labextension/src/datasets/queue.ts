/** The one queue of uploads of this page: it goes on while panels open and close. */

import type { GrowthApi } from '../api/client';
import { type IUploadQueue, UploadQueue } from './uploads';

const queues = new WeakMap<GrowthApi, IUploadQueue>();

/** Return the queue of this Lab; made at the first call. */
export function queueOf(api: GrowthApi): IUploadQueue {
  const known = queues.get(api);
  if (known) {
    return known;
  }
  const queue: IUploadQueue = new UploadQueue(api);
  queues.set(api, queue);
  window.addEventListener('beforeunload', event => {
    if (queue.isBusy) {
      event.preventDefault();
    }
  });
  return queue;
}
