/** What a panel remembers and shares: in a notebook these are the widget's synced traits. */

import * as React from 'react';

export interface ITraitValues {
  /** Text of the panel's filter box. */
  filter: string;
  /** Keys of the selected rows. */
  selection: readonly string[];
  /** Id of the plan that was made last. */
  plan_id: string;
  /** Id of the job that was started last. */
  job_id: string;
  /** What the last applied plan did. */
  receipt: Readonly<Record<string, unknown>>;
}

export type TraitName = keyof ITraitValues;

/** A store of trait values. Values are replaced, never changed in place. */
export interface ITraits {
  get<K extends TraitName>(name: K): ITraitValues[K];
  set<K extends TraitName>(name: K, value: ITraitValues[K]): void;
  /** Call back after each change of `name`; returns what ends that. */
  subscribe(name: TraitName, callback: () => void): () => void;
}

/** Traits that live as long as the panel. */
export class LocalTraits implements ITraits {
  get<K extends TraitName>(name: K): ITraitValues[K] {
    return this._values[name];
  }

  set<K extends TraitName>(name: K, value: ITraitValues[K]): void {
    this._values[name] = value;
    this._callbacks.get(name)?.forEach(callback => callback());
  }

  subscribe(name: TraitName, callback: () => void): () => void {
    const callbacks = this._callbacks.get(name) ?? new Set();
    this._callbacks.set(name, callbacks.add(callback));
    return () => callbacks.delete(callback);
  }

  private readonly _values: ITraitValues = {
    filter: '',
    selection: [],
    plan_id: '',
    job_id: '',
    receipt: {}
  };
  private readonly _callbacks = new Map<TraitName, Set<() => void>>();
}

/** Return a trait's value and its setter; the component is drawn again when it changes. */
export function useTrait<K extends TraitName>(
  traits: ITraits,
  name: K
): [ITraitValues[K], (value: ITraitValues[K]) => void] {
  const subscribe = React.useCallback(
    (callback: () => void) => traits.subscribe(name, callback),
    [traits, name]
  );
  const value = React.useSyncExternalStore(subscribe, () => traits.get(name));
  const set = React.useCallback((next: ITraitValues[K]) => traits.set(name, next), [traits, name]);
  return [value, set];
}
