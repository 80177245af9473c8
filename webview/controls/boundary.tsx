import { Component, type ComponentChildren } from 'preact';
import { describeFault } from '../connection/faults.ts';
import { ChatContext } from './chat-context.ts';
import { Icon } from './icon.tsx';

interface BoundaryProps {
  /** A new value draws the children again: new data may mend the fault. */
  readonly version: unknown;
  readonly children: ComponentChildren;
}

interface BoundaryState {
  readonly failed: { readonly version: unknown } | null;
}

/** Keeps a fault in one part of the view there: that part says so, the rest goes on (UI-06). */
export class Boundary extends Component<BoundaryProps, BoundaryState> {
  static override contextType = ChatContext;

  override state: BoundaryState = { failed: null };

  /** A part that fails at every change must not flood the host. */
  reportsLeft = 3;

  override componentDidCatch(error: unknown): void {
    if (this.reportsLeft > 0) this.context.post({ type: 'error.report', ...describeFault(error) });
    this.reportsLeft -= 1;
    this.setState({ failed: { version: this.props.version } });
  }

  override render() {
    const { failed } = this.state;
    if (failed === null || failed.version !== this.props.version) return this.props.children;
    return (
      <p class="failed-part">
        <Icon name="warning" tone="warning" />
        {this.context.say('view.failed')}
      </p>
    );
  }
}
