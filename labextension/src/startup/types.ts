/** What the start scripts' routes send and take, as the API's description says. */

import type { components } from '../api/openapi';

type Schemas = components['schemas'];

export type IScript = Schemas['Script'];
export type IScriptText = Schemas['ScriptText'];
export type IRevision = Schemas['Revision'];
export type IRevisionText = Schemas['RevisionText'];
export type IPublication = Schemas['Publication'];
export type IPublished = Schemas['Published'];
export type IEvidence = Schemas['Evidence'];
export type IHistory = Schemas['History'];
export type IDifference = Schemas['Difference'];
export type ISaved = Schemas['Saved'];
export type IFinding = Schemas['Finding'];
export type IStart = Schemas['Start'];
export type IStartRow = Schemas['StartRow'];
export type IStartList = Schemas['StartList'];
export type IStartGroup = Schemas['StartGroup'];
export type IStartHistory = Schemas['StartHistory'];
export type IScriptStart = Schemas['ScriptStart'];
export type ILogText = Schemas['LogText'];
export type StartState = IStart['state'];

/** A step of the track that a text can pass or skip on its way to the class. */
export type Step = IEvidence['step'];

/** Names of the two start scripts, in the order in which a server runs them. */
export const SCRIPTS = ['as-root.sh', 'as-user.sh'] as const;
export type ScriptName = (typeof SCRIPTS)[number];

/** Return whether `text` names a start script. */
export function isScriptName(text: string): text is ScriptName {
  return (SCRIPTS as readonly string[]).includes(text);
}
