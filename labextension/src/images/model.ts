/** What the registry has, and where the tag was; asked again while somebody looks. */

import type { GrowthApi } from '../api/client';
import { Polled } from '../ui/polled';
import { ImagesClient } from './client';
import type { IImages, ITimeline } from './types';

/** A question for each tag goes to the registry, which may count them. */
const IMAGES_INTERVAL_MS = 30_000;
const TIMELINE_INTERVAL_MS = 15_000;

export class ImagesModel extends Polled<IImages> {
  constructor(api: GrowthApi) {
    const client = new ImagesClient(api);
    super({
      load: async () => {
        const { name, tag, digest, tags, left_out, notes } = await client.list();
        return { name, tag, digest, tags, left_out, notes };
      },
      interval_ms: IMAGES_INTERVAL_MS
    });
  }
}

export class TimelineModel extends Polled<ITimeline> {
  constructor(api: GrowthApi) {
    const client = new ImagesClient(api);
    super({ load: () => client.getTimeline(), interval_ms: TIMELINE_INTERVAL_MS });
  }
}
