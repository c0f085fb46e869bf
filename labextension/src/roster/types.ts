/** The roster as the server's description has it. */

import type { Schemas } from '../api/types';

export type IPeopleList = Schemas['PeopleList'];
export type IPerson = Schemas['PersonRow'];
export type State = IPerson['state'];
export type Flag = IPerson['flags'][number];
export type INames = Schemas['Names'];
export type IBudget = Schemas['Budget'];
export type IPersonChange = Schemas['PersonChange'];

export type IEntry = Schemas['RosterEntry'];
export type IPlanRequest = Schemas['RosterPlanRequest'];
export type IRosterPlan = Schemas['RosterPlan'];
export type IStep = Schemas['Step'];
export type StepAction = IStep['action'];

export type IImportRequest = Schemas['ImportRequest'];
export type IPreview = Schemas['ImportPreview'];
export type IListColumn = Schemas['Column'];
export type FieldName = IListColumn['field'];
export type ICell = Schemas['CellProblem'];
export type ICorrection = Schemas['Correction'];

export type IOffboardingRequest = Schemas['OffboardingRequest'];
export type Home = IOffboardingRequest['home'];

export type ISetup = Schemas['Setup'];
export type ICheck = Schemas['RosterCheck'];
