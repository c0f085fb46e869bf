import * as React from 'react';

export type Fact = readonly [name: string, value: React.ReactNode];

export interface IFactsProps {
  facts: readonly Fact[];
  /** What comes after them in the same list. */
  children?: React.ReactNode;
}

/** Names with what is known of them; what is not known is left out, a zero is not. */
export function Facts({ facts, children }: IFactsProps): JSX.Element {
  return (
    <dl className="growth-Facts">
      {facts.filter(isKnown).map(([name, value]) => (
        <React.Fragment key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </React.Fragment>
      ))}
      {children}
    </dl>
  );
}

function isKnown([, value]: Fact): boolean {
  return value !== null && value !== undefined && value !== '' && value !== false;
}
