import * as React from 'react';

import { Problem } from '../api/problem';
import { ProblemBanner } from '../ui/problem-banner';

interface IBoundaryState {
  problem: Problem | null;
}

/** A fault in a view costs that view, not the rest of the page. */
export class Boundary extends React.Component<React.PropsWithChildren, IBoundaryState> {
  override state: IBoundaryState = { problem: null };

  static getDerivedStateFromError(reason: unknown): IBoundaryState {
    return { problem: Problem.from(reason) };
  }

  override render(): React.ReactNode {
    const { problem } = this.state;
    return problem ? (
      <ProblemBanner problem={problem} onRetry={() => this.setState({ problem: null })} />
    ) : (
      this.props.children
    );
  }
}
