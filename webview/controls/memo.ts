import { Component, type ComponentType, h, type VNode } from 'preact';

/** Draws a component again only when a prop changed; lists are compared item by item. */
export function memo<P extends object>(draw: (props: P) => VNode | null): ComponentType<P> {
  return class Memo extends Component<P> {
    override shouldComponentUpdate(next: Readonly<P>): boolean {
      return !sameProps(this.props, next);
    }

    override render() {
      return h(draw as ComponentType<P>, this.props);
    }
  };
}

function sameProps(before: object, after: object): boolean {
  const old: Readonly<Record<string, unknown>> = { ...before };
  const now = Object.entries(after);
  return now.length === Object.keys(old).length && now.every(([key, value]) => sameValue(old[key], value));
}

function sameValue(before: unknown, after: unknown): boolean {
  if (Object.is(before, after)) return true;
  if (!Array.isArray(before) || !Array.isArray(after) || before.length !== after.length) return false;
  return after.every((item, index) => Object.is(item, before[index]));
}
