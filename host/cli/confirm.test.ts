import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { confirm } from './confirm.ts';

function terminal() {
  const input = Object.assign(new PassThrough(), { isTTY: true });
  const output = Object.assign(new PassThrough(), { isTTY: true });
  return { input, output };
}

test.for([
  ['y\n', 'yes'],
  [' YES \n', 'yes'],
  ['\n', 'no'],
  ['n\n', 'no'],
  ['yesterday\n', 'no'],
] as const)('%j is understood as %s', async ([typed, expected]) => {
  const { input, output } = terminal();
  const answer = confirm('Really? ', { input, output });
  input.write(typed);
  expect(await answer).toBe(expected);
});

test('the end of what is typed is no answer', async () => {
  const { input, output } = terminal();
  const answer = confirm('Really? ', { input, output });
  input.end();
  expect(await answer).toBe('interrupted');
});

test('where there is no terminal nothing is asked, and --yes is named', async () => {
  const { input, output } = terminal();
  await expect(confirm('?', { input: Object.assign(input, { isTTY: false }), output })).rejects.toThrow(
    '--yes',
  );
});
