/** Traits of a widget's model, as panels know them: changes go to Python and come from it. */

import type { DOMWidgetModel } from '@jupyter-widgets/base';

import type { ITraits, ITraitValues, TraitName } from '../panel/traits';

export class ModelTraits implements ITraits {
  constructor(private readonly _model: DOMWidgetModel) {}

  get<K extends TraitName>(name: K): ITraitValues[K] {
    return this._model.get(name) as ITraitValues[K];
  }

  set<K extends TraitName>(name: K, value: ITraitValues[K]): void {
    this._model.set(name, value);
    this._model.save_changes();
  }

  subscribe(name: TraitName, callback: () => void): () => void {
    const event = `change:${name}`;
    this._model.on(event, callback);
    return () => {
      this._model.off(event, callback);
    };
  }
}
