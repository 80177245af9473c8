import { Fragment, h } from 'preact';
import { expect, test } from 'vitest';
import { memo } from './memo.ts';

interface Props {
  readonly text?: string;
  readonly list?: readonly object[];
}

/** Whether a component with the first props would be drawn again for the second. */
function drawsAgain(before: Props, after: Props): boolean {
  const Memo = memo<Props>(() => h(Fragment, null)) as unknown as new (
    props: Props,
  ) => { shouldComponentUpdate(next: Props): boolean };
  return new Memo(before).shouldComponentUpdate(after);
}

const item = {};

test.each<readonly [Props, Props]>([
  [{}, {}],
  [{ text: 'a' }, { text: 'a' }],
  [{ list: [item] }, { list: [item] }],
  [{ list: [] }, { list: [] }],
])('%j is not drawn again for %j', (before, after) => {
  expect(drawsAgain(before, after)).toBe(false);
});

test.each<readonly [Props, Props]>([
  [{ text: 'a' }, { text: 'b' }],
  [{ text: 'a' }, {}],
  [{}, { text: 'a' }],
  [{ list: [item] }, { list: [{}] }],
  [{ list: [item] }, { list: [item, item] }],
])('%j is drawn again for %j', (before, after) => {
  expect(drawsAgain(before, after)).toBe(true);
});
