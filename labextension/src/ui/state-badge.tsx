import * as React from 'react';

import { Icon, type IconName } from './icons';

/** What a state means for the one who reads it. */
export type Tone = 'ok' | 'error' | 'warn' | 'info' | 'busy' | 'idle';

const ICONS: Record<Tone, IconName> = {
  ok: 'ok',
  error: 'error',
  warn: 'warn',
  info: 'info',
  busy: 'busy',
  idle: 'idle'
};

export interface IStateBadgeProps {
  tone: Tone;
  /** One word or two: "ready", "timed out". */
  word: string;
  /** More about it, as the tooltip. */
  title?: string;
}

/** A state as icon, word and colour: never as a colour alone. */
export function StateBadge({ tone, word, title }: IStateBadgeProps): JSX.Element {
  return (
    <span className={`growth-State growth-mod-${tone}`} title={title}>
      <Icon name={ICONS[tone]} />
      <span className="growth-State-word">{word}</span>
    </span>
  );
}
