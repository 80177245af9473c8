import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { descendants, isAlive, killTree } from './process-tree.ts';

/** A process that starts one in a group of its own, tells that one's pid, and waits. */
const parent = `
  const { spawn } = require('node:child_process');
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)', 'marked (odd) name'], { detached: true });
  process.stdout.write(String(child.pid));
  setInterval(() => {}, 1000);
`;

test('the tree below a process is found and killed, other process groups included', async () => {
  const child = spawn(process.execPath, ['-e', parent], { stdio: ['ignore', 'pipe', 'inherit'] });
  const pid = child.pid ?? 0;
  const [text] = await once(child.stdout, 'data');
  const grandchild = Number(text);
  expect(descendants(pid).map((row) => row.pid)).toEqual([grandchild]);
  expect(descendants(pid)[0]?.command).toContain('marked (odd) name');
  const closed = once(child, 'close');
  killTree(pid);
  await closed;
  await expect.poll(() => isAlive(grandchild)).toBe(false);
  expect(isAlive(pid)).toBe(false);
});

test('a process that does not exist is not alive and has no descendants', () => {
  expect(isAlive(2 ** 22 + 1)).toBe(false);
  expect(descendants(2 ** 22 + 1)).toEqual([]);
});
