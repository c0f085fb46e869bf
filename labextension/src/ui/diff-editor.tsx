import { MergeView } from '@codemirror/merge';
import { EditorState, type Extension } from '@codemirror/state';
import { EditorView, lineNumbers } from '@codemirror/view';
import { EditorLanguageRegistry, jupyterTheme } from '@jupyterlab/codemirror';
import * as React from 'react';

import type { IDiffViewProps } from './diff-view';

/** The differ itself: read-only, equal lines folded. */
export default function DiffEditor(props: IDiffViewProps): JSX.Element {
  const { before, after, path, beforeLabel, afterLabel } = props;
  const host = React.useRef<HTMLDivElement>(null);
  React.useEffect(() => {
    let view: MergeView | null = null;
    let isOver = false;
    void languageOf(path ?? 'script.sh').then(language => {
      if (isOver || !host.current) {
        return;
      }
      const extensions: Extension[] = [
        jupyterTheme,
        lineNumbers(),
        EditorState.readOnly.of(true),
        EditorView.editable.of(false),
        EditorView.lineWrapping,
        language
      ];
      const named = (label: string): Extension =>
        EditorView.contentAttributes.of({ tabindex: '0', 'aria-label': label });
      view = new MergeView({
        a: { doc: before, extensions: [extensions, named(beforeLabel)] },
        b: { doc: after, extensions: [extensions, named(afterLabel)] },
        parent: host.current,
        gutter: true,
        collapseUnchanged: { margin: 3, minSize: 6 }
      });
    });
    return () => {
      isOver = true;
      view?.destroy();
    };
  }, [before, after, path, beforeLabel, afterLabel]);
  return <div ref={host} className="growth-Diff-editor" />;
}

/** Return the colours for a file of this name; nothing for an unknown kind. */
async function languageOf(path: string): Promise<Extension> {
  const registry = new EditorLanguageRegistry();
  EditorLanguageRegistry.getDefaultLanguages()
    .filter(language => ['shell', 'python', 'yaml'].includes(language.name.toLowerCase()))
    .forEach(language => registry.addLanguage(language));
  const extension = path.split('.').pop() ?? '';
  const found = registry.findByExtension(extension);
  // Without the network the two texts stand there without colours.
  const language = found && (await registry.getLanguage(found).catch(() => null));
  return language?.support ?? [];
}
