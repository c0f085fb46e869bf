import * as React from 'react';

import { formatSpan } from '../ui/time';
import { ScriptStates } from './starts/script-states';
import type { IScriptStart } from './types';

/** What the chain wrote down about the canary's start; its shape is the chain's, not the API's. */
export function CanaryRecord({ record }: { record: unknown }): JSX.Element | null {
  if (typeof record !== 'object' || record === null) {
    return null;
  }
  const { scripts, duration_s, image } = record as Record<string, unknown>;
  const reference =
    typeof image === 'object' && image !== null ? (image as Record<string, unknown>).reference : '';
  return (
    <>
      <p className="growth-Quiet">
        {typeof duration_s === 'number' && `Both scripts together took ${formatSpan(duration_s)}`}
        {typeof reference === 'string' && reference && ` in ${reference}`}
      </p>
      {Array.isArray(scripts) && <ScriptStates scripts={scripts.filter(isScript)} />}
    </>
  );
}

function isScript(value: unknown): value is IScriptStart {
  return typeof value === 'object' && value !== null && 'name' in value && 'state' in value;
}
