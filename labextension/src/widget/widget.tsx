/** Models and views of our ipywidgets. Fetched when a notebook shows the first one. */

import { DOMWidgetModel, DOMWidgetView, JupyterLuminoPanelWidget } from '@jupyter-widgets/base';
import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { IEditorServices } from '@jupyterlab/codeeditor';

import type { ISchool } from '../panel/host';
import { schoolOf } from '../school/school';
import { NAME, VERSION } from '../tokens';
import { Body } from './body';

/** What Python and the view share; see `ITraitValues`. */
export class PanelModel extends DOMWidgetModel {
  override defaults(): Record<string, unknown> {
    return {
      ...super.defaults(),
      _model_name: 'PanelModel',
      _model_module: NAME,
      _model_module_version: `^${VERSION}`,
      _view_name: 'PanelView',
      _view_module: NAME,
      _view_module_version: `^${VERSION}`,
      area: 'panel',
      filter: '',
      selection: [],
      plan_id: '',
      job_id: '',
      receipt: {}
    };
  }
}

/** A plain key in our view would be a command of the notebook around it: `d d` deletes a cell. */
function keepPlainKeys(event: KeyboardEvent): void {
  const isCommand = event.ctrlKey || event.metaKey || event.altKey;
  const isRunCell = event.shiftKey && event.key === 'Enter';
  if (!isCommand && !isRunCell) {
    event.stopPropagation();
  }
}

/** Return the classes that the registry of widgets asks for, bound to this Lab. */
export function createExports(
  app: JupyterFrontEnd,
  editors: IEditorServices | null
): Record<string, typeof DOMWidgetModel | typeof DOMWidgetView> {
  const school: ISchool = schoolOf(app, editors);

  /** As ipywidgets' own BoxView: a Lumino panel, so that attach and resize reach the inside. */
  class PanelView extends DOMWidgetView {
    override _createElement(): HTMLElement {
      this.luminoWidget = new JupyterLuminoPanelWidget({ view: this });
      return this.luminoWidget.node;
    }

    override _setElement(element: HTMLElement): void {
      this.el = element;
    }

    override render(): void {
      super.render();
      this.luminoWidget.addClass('growth-Widget');
      this.luminoWidget.node.addEventListener('keydown', keepPlainKeys);
      (this.luminoWidget as JupyterLuminoPanelWidget).addWidget(new Body(this.model, school));
    }
  }

  return { PanelModel, PanelView };
}
