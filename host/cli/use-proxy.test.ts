import { expect, test } from 'vitest';
import { useProxy } from './use-proxy.ts';

test('without a proxy in the environment nothing is set and nothing is said', () => {
  const lines: string[] = [];
  const fetch = globalThis.fetch;
  useProxy({ NO_PROXY: '127.0.0.1', HTTPS_PROXY: '' }, (line) => lines.push(line));
  expect([lines, globalThis.fetch === fetch]).toEqual([[], true]);
});

test('a Node.js that knows no proxies says so where one is set, and does nothing', () => {
  const lines: string[] = [];
  const older = { globalAgent: undefined };
  useProxy({ https_proxy: 'http://proxy.test:3128' }, (line) => lines.push(line), older);
  useProxy({}, (line) => lines.push(line), older);
  expect(lines).toEqual([expect.stringContaining(`this Node.js (${process.version}) cannot use them`)]);
});
