/** Findings drawn in a CodeMirror editor: a mark in the gutter, a wavy line, words on hover. */

import { type Extension, RangeSet, StateEffect, StateField } from '@codemirror/state';
import {
  Decoration,
  type DecorationSet,
  EditorView,
  gutter,
  GutterMarker,
  hoverTooltip
} from '@codemirror/view';

export interface IFinding {
  /** 1-based; 0 is about the whole file. */
  line: number;
  severity: 'error' | 'warning' | 'info';
  rule: string;
  message: string;
  hint: string;
}

const SIGNS = { error: '✖', warning: '▲', info: '●' } as const;
const RANK = { error: 0, warning: 1, info: 2 } as const;

const setFindings = StateEffect.define<readonly IFinding[]>();

class Mark extends GutterMarker {
  constructor(readonly finding: IFinding) {
    super();
  }

  override eq(other: Mark): boolean {
    return other.finding === this.finding;
  }

  override toDOM(): Node {
    const mark = document.createElement('span');
    mark.className = `growth-Finding-mark growth-mod-${this.finding.severity}`;
    mark.textContent = SIGNS[this.finding.severity];
    mark.title = this.finding.message;
    return mark;
  }
}

interface IDrawn {
  findings: readonly IFinding[];
  marks: RangeSet<GutterMarker>;
  lines: DecorationSet;
}

const NOTHING: IDrawn = { findings: [], marks: RangeSet.empty, lines: Decoration.none };

const field = StateField.define<IDrawn>({
  create: () => NOTHING,
  update(drawn, transaction) {
    for (const effect of transaction.effects) {
      if (effect.is(setFindings)) {
        return draw(effect.value, transaction.state.doc);
      }
    }
    // Until the text is linted again, findings move along with their lines.
    return transaction.docChanged
      ? {
          findings: drawn.findings,
          marks: drawn.marks.map(transaction.changes),
          lines: drawn.lines.map(transaction.changes)
        }
      : drawn;
  },
  provide: self => EditorView.decorations.from(self, drawn => drawn.lines)
});

function draw(findings: readonly IFinding[], doc: EditorView['state']['doc']): IDrawn {
  const worst = new Map<number, IFinding>();
  for (const finding of findings) {
    const line = Math.min(Math.max(1, finding.line), doc.lines);
    const known = worst.get(line);
    if (!known || RANK[finding.severity] < RANK[known.severity]) {
      worst.set(line, finding);
    }
  }
  const sorted = [...worst].sort(([a], [b]) => a - b);
  const start = (line: number): number => doc.line(line).from;
  return {
    findings,
    marks: RangeSet.of(sorted.map(([line, finding]) => new Mark(finding).range(start(line)))),
    lines: RangeSet.of(
      sorted
        .filter(([line]) => doc.line(line).length > 0)
        .map(([line, { severity }]) => {
          const { from, to, text } = doc.line(line);
          const indent = text.length - text.trimStart().length;
          return Decoration.mark({ class: `growth-Finding-line growth-mod-${severity}` }).range(
            Math.min(from + indent, to - 1),
            to
          );
        })
    )
  };
}

const tooltip = hoverTooltip((view, position) => {
  const line = view.state.doc.lineAt(position);
  const here = view.state.field(field).findings.filter(finding => finding.line === line.number);
  if (here.length === 0) {
    return null;
  }
  return {
    pos: line.from,
    end: line.to,
    create: () => ({ dom: explain(here) })
  };
});

function explain(findings: readonly IFinding[]): HTMLElement {
  const box = document.createElement('div');
  box.className = 'growth-Finding-tooltip';
  for (const { message, hint, severity } of findings) {
    const what = document.createElement('p');
    what.className = `growth-mod-${severity}`;
    what.textContent = `${SIGNS[severity]} ${message}`;
    const how = document.createElement('p');
    how.textContent = hint && `→ ${hint}`;
    box.append(what, how);
  }
  return box;
}

/** What an editor needs so that findings can be shown in it. */
export const findingsExtension: Extension = [
  field,
  gutter({ class: 'growth-Finding-gutter', markers: view => view.state.field(field).marks }),
  tooltip
];

/** Show these findings in place of those shown before. */
export function showFindings(view: EditorView, findings: readonly IFinding[]): void {
  view.dispatch({ effects: setFindings.of(findings) });
}

/** Put the cursor on a line and the line into the middle. */
export function goToLine(view: EditorView, line: number): void {
  const { from } = view.state.doc.line(Math.min(Math.max(1, line), view.state.doc.lines));
  view.dispatch({
    selection: { anchor: from },
    effects: EditorView.scrollIntoView(from, { y: 'center' })
  });
  view.focus();
}
