import * as React from 'react';

import { plural } from '../ui/time';
import { FindingList, spellFindings } from './checks';
import { ReasonDialog } from './reason-dialog';
import type { ScriptModel } from './script-model';
import type { IFinding } from './types';

/** Errors block a save, unless somebody says why it must be. */
export function SaveAnywayDialog(props: {
  model: ScriptModel;
  findings: readonly IFinding[];
}): JSX.Element {
  const { model, findings } = props;
  const errors = findings.filter(finding => finding.severity === 'error');
  const many = plural(errors.length, 'error');
  return (
    <ReasonDialog
      title={`Not saved: the checks found ${spellFindings(errors)} that would hurt the class`}
      label={`Or: why it is saved with ${errors.length === 1 ? 'it' : 'them'} (stays visible in the history)`}
      cancelLabel={`Mend ${errors.length === 1 ? 'it' : 'them'} first`}
      choices={[{ label: `Save with ${many}`, look: 'danger', run: reason => model.save(reason) }]}
      onClose={() => model.mendFirst()}
    >
      <FindingList findings={errors} />
    </ReasonDialog>
  );
}
