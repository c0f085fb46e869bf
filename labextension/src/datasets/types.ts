/** Datasets as the server's description has them. */

import type { Schemas } from '../api/types';

export type IProbe = Schemas['Probe'];
export type SourceKind = IProbe['kind'];

export type IPublishChange = Schemas['PublishChange'];
export type Delivery = IPublishChange['delivery'];
export type IChange = IPublishChange | Schemas['RestoreChange'] | Schemas['DeleteChange'];

export type IDataset = Schemas['Dataset'];
export type IVersion = Schemas['Version'];
export type ICheck = Schemas['DatasetsCheck'];
export type ISpace = Schemas['Space'];
export type IDatasetList = Schemas['DatasetList'];

export type IReceiptRow = Schemas['ReceiptRow'];
export type ReceiptState = IReceiptRow['state'];
export type IReceiptCounts = Schemas['ReceiptCounts'];
export type IReceiptTable = Schemas['ReceiptTable'];
