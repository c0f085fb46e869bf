import * as React from 'react';

import { Button } from '../../ui/button';
import { type IPackageChange, LISTS, type ListName } from './client';

interface IAddFormProps {
  isBusy: boolean;
  onAdd(change: IPackageChange): void;
  /** Installs it into one's own server for a quick look. */
  onTry(list: ListName, wanted: string): void;
  /** Why packages of a list cannot be tried; empty if they can. */
  whyNotTry(list: ListName): string;
}

/** Return a package as pip or conda takes it: a version alone is a pin. */
function wantedOf(list: ListName, name: string, version: string): string {
  const pin = list === 'conda' ? '=' : '==';
  return version === '' || /^[=<>!~]/.test(version) ? name + version : name + pin + version;
}

/** A package by name; without a version the newest that fits. */
export function AddForm({ isBusy, onAdd, onTry, whyNotTry }: IAddFormProps): JSX.Element {
  const [name, setName] = React.useState('');
  const [version, setVersion] = React.useState('');
  const [list, setList] = React.useState<ListName>('pip');
  const isReady = name.trim() !== '' && !isBusy;
  const whyNot = whyNotTry(list);
  const add = (): void => {
    if (isReady) {
      onAdd({ verb: 'add', list, name: name.trim(), version: version.trim() });
    }
  };
  const onKeyDown = (event: React.KeyboardEvent): void => {
    if (event.key === 'Enter' && !event.nativeEvent.isComposing) {
      event.preventDefault();
      add();
    }
  };
  return (
    <div className="growth-PackageForm" role="group" aria-label="Add a package">
      <label>
        <span>Package</span>
        <input
          type="text"
          maxLength={200}
          placeholder="astropy"
          value={name}
          onChange={event => setName(event.target.value)}
          onKeyDown={onKeyDown}
        />
      </label>
      <label>
        <span>Version</span>
        <input
          type="text"
          maxLength={100}
          placeholder="newest"
          value={version}
          onChange={event => setVersion(event.target.value)}
          onKeyDown={onKeyDown}
        />
      </label>
      <label>
        <span>From</span>
        <select value={list} onChange={event => setList(event.target.value as ListName)}>
          {LISTS.map(one => (
            <option key={one}>{one}</option>
          ))}
        </select>
      </label>
      <Button
        label={isBusy ? 'Asking the index' : 'Plan to add it'}
        isDisabled={!isReady}
        title={name.trim() ? undefined : 'Write the name of a package first'}
        onClick={add}
      />
      <Button
        label="Try it now"
        isDisabled={name.trim() === '' || whyNot !== ''}
        title={
          whyNot || 'In your own running server: a kernel that has it, gone when the server ends'
        }
        onClick={() => onTry(list, wantedOf(list, name.trim(), version.trim()))}
      />
    </div>
  );
}
