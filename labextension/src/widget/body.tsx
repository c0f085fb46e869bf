/** The inside of a widget's view: the same panel as in JupyterLab, over the widget's traits. */

import type { DOMWidgetModel } from '@jupyter-widgets/base';
import { ReactWidget } from '@jupyterlab/ui-components';
import * as React from 'react';

import { ActionRegistry } from '../panel/actions';
import { PanelFrame } from '../panel/frame';
import type { ISchool } from '../panel/host';
import { ModelTraits } from './traits';

const GONE =
  'The kernel that made this panel is gone: what you choose here no longer reaches Python. Run the cell again.';

export class Body extends ReactWidget {
  constructor(
    private readonly _model: DOMWidgetModel,
    private readonly _school: ISchool
  ) {
    super();
    this.addClass('growth-Widget-body');
  }

  protected render(): React.ReactElement {
    return <BodyView model={this._model} school={this._school} />;
  }
}

function BodyView({ model, school }: { model: DOMWidgetModel; school: ISchool }): JSX.Element {
  const traits = React.useMemo(() => new ModelTraits(model), [model]);
  const actions = React.useMemo(() => new ActionRegistry(), []);
  const subscribe = React.useCallback(
    (callback: () => void) => {
      model.on('comm_live_update change:area', callback);
      return () => {
        model.off('comm_live_update change:area', callback);
      };
    },
    [model]
  );
  const isLive = React.useSyncExternalStore(subscribe, () => model.comm_live);
  const area = React.useSyncExternalStore(subscribe, () => String(model.get('area')));
  return (
    <PanelFrame
      school={school}
      area={area}
      traits={traits}
      actions={actions}
      place="notebook"
      notice={isLive ? undefined : GONE}
    />
  );
}
