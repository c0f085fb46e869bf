/** The school-day page as the server's description has it. */

import type { Schemas } from '../api/types';

export type IOverview = Schemas['Overview'];
export type ILine = Schemas['Line'];
export type LineState = ILine['state'];
