import type { IReceipt, Schemas } from '../api/types';

export type IImage = Schemas['Image'];
export type IImageTag = Schemas['ImageTag'];
export type IImageDetails = Schemas['ImageDetails'];
export type ICheckResult = Schemas['CheckResult'];
export type ICheckRequest = Schemas['CheckRequest'];
export type Check = ICheckResult['check'];
export type IGate = Schemas['Gate'];
export type IImagePlan = Schemas['ImagePlan'];
export type IMove = Schemas['Move'];
export type ITimeline = Schemas['Timeline'];

/** Every tag, without the moment of the answer, so that equal answers are equal. */
export type IImages = Omit<Schemas['ImageList'], 'as_of'>;

/** What was done. */
export interface IMoved {
  move: IMove;
  receipt: IReceipt;
}
