/**
 * Files from this computer: `new UploadQueue(api)` sends them, `IUploadQueue` is what views see.
 *
 * A view lists `queue.drops` (each with its `items`) and `queue.unfinished`, listens to
 * `queue.changed`, and offers to publish `drop.link` when `queue.completed` names it. After a
 * reload the user chooses the same files again; `add` finds out what the server has of them.
 */

export * from './types';
export { UploadQueue, type IUploadQueueOptions } from './queue';
