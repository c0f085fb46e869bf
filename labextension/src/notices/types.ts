/** What the server sends about notices, from its own description. */

import type { Schemas } from '../api/types';

export type INoticeList = Schemas['NoticeList'];
export type INoticeRow = Schemas['NoticeRow'];
export type INoticeDetails = Schemas['NoticeDetails'];
export type IReceipt = Schemas['NoticeReceipt'];
export type INoticeDraft = Schemas['NoticeDraft'];
export type IRestart = NonNullable<INoticeRow['notice']['restart']>;
export type NoticeState = INoticeRow['state'];
