import { CodeEditor, type IEditorServices } from '@jupyterlab/codeeditor';
import type { CodeMirrorEditor } from '@jupyterlab/codemirror';
import * as React from 'react';

import { findingsExtension, goToLine, showFindings } from './findings';
import type { IScriptEditorProps } from './script-editor';

type ILabEditorProps = IScriptEditorProps & { editors: IEditorServices };

/** The editor itself. Text handed in from outside replaces only what differs, so the cursor stays. */
export default function LabEditor(props: ILabEditorProps): JSX.Element {
  const { path, text, editors, findings, handle, isReadOnly = false } = props;
  const host = React.useRef<HTMLDivElement>(null);
  const [editor, setEditor] = React.useState<CodeMirrorEditor | null>(null);
  const latest = React.useRef(props);
  latest.current = props;
  React.useEffect(() => {
    if (!host.current) {
      return;
    }
    const mimeType = editors.mimeTypeService.getMimeTypeByFilePath(path);
    const model = new CodeEditor.Model({ mimeType });
    model.sharedModel.setSource(latest.current.text);
    // Lab's factory makes CodeMirror editors; that one takes extensions.
    const made = editors.factoryService.newDocumentEditor({
      host: host.current,
      model,
      config: { lineNumbers: true, lineWrap: true, readOnly: isReadOnly }
    }) as CodeMirrorEditor;
    made.injectExtension(findingsExtension);
    made.editor.contentDOM.setAttribute('aria-label', path);
    model.sharedModel.changed.connect(() => {
      const now = model.sharedModel.getSource();
      if (now !== latest.current.text) {
        latest.current.onChange?.(now);
      }
    });
    setEditor(made);
    return () => {
      setEditor(null);
      made.dispose();
      model.dispose();
    };
    // eslint-disable-next-line react-hooks/exhaustive-deps -- read-only is an option, see below
  }, [editors, path]);
  React.useEffect(() => editor?.setOption('readOnly', isReadOnly), [editor, isReadOnly]);
  React.useEffect(() => {
    if (editor && editor.model.sharedModel.getSource() !== text) {
      replaceDifference(editor, text);
    }
  }, [editor, text]);
  React.useEffect(() => {
    if (editor) {
      showFindings(editor.editor, findings ?? []);
    }
  }, [editor, findings]);
  React.useEffect(() => {
    if (handle && editor) {
      handle.current = {
        goToLine: line => goToLine(editor.editor, line),
        focus: () => editor.focus()
      };
      return () => {
        handle.current = null;
      };
    }
    return undefined;
  }, [editor, handle]);
  return <div ref={host} className="growth-ScriptEditor-host" />;
}

/** Change what differs between the editor's text and `text`, and nothing around it. */
function replaceDifference(editor: CodeMirrorEditor, text: string): void {
  const shared = editor.model.sharedModel;
  const old = shared.getSource();
  const shorter = Math.min(old.length, text.length);
  let start = 0;
  while (start < shorter && old[start] === text[start]) {
    start += 1;
  }
  let end = 0;
  while (end < shorter - start && old[old.length - 1 - end] === text[text.length - 1 - end]) {
    end += 1;
  }
  shared.updateSource(start, old.length - end, text.slice(start, text.length - end));
}
