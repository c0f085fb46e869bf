/** JupyterLab's own editor with shell colours and findings; a plain box where Lab has none. */

import type { IEditorServices } from '@jupyterlab/codeeditor';
import * as React from 'react';

import type { IFinding } from './findings';
import { lazyView } from './lazy-view';

export interface IScriptEditorProps {
  /** Decides the language: `as-root.sh`. */
  path: string;
  /** The text; what is typed comes back by `onChange`, and may be handed in again. */
  text: string;
  onChange?(text: string): void;
  findings?: readonly IFinding[];
  isReadOnly?: boolean;
  editors: IEditorServices | null;
  /** Filled with what a list of findings needs. */
  handle?: React.MutableRefObject<IScriptEditorHandle | null>;
  /** Ctrl+S in the editor. */
  onSave?(): void;
}

export interface IScriptEditorHandle {
  goToLine(line: number): void;
  focus(): void;
}

const LabEditor = lazyView<IScriptEditorProps & { editors: IEditorServices }>(
  'the editor',
  async () => (await import(/* webpackChunkName: "editor" */ './script-editor-lab')).default,
  10
);

export function ScriptEditor(props: IScriptEditorProps): JSX.Element {
  const onKeyDown = (event: React.KeyboardEvent): void => {
    if (props.onSave && (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 's') {
      event.preventDefault();
      event.stopPropagation();
      props.onSave();
    }
  };
  return (
    <div className="growth-ScriptEditor" onKeyDownCapture={onKeyDown}>
      {props.editors ? (
        <LabEditor {...props} editors={props.editors} />
      ) : (
        <textarea
          aria-label={props.path}
          spellCheck={false}
          value={props.text}
          readOnly={props.isReadOnly ?? !props.onChange}
          onChange={event => props.onChange?.(event.target.value)}
        />
      )}
    </div>
  );
}
