import { expect, test } from 'vitest';
import { type SourceFile, sourceFiles } from './test-fixtures/source-tree.ts';

/**
 * Who may import whom, besides itself and `shared`. A new arrow is a decision: change ARCHITECTURE.md first.
 * `host` stands for the composition root and the Host API: the files that lie in `host/` itself.
 */
const rooms: Readonly<Record<string, readonly string[]>> = {
  shared: [],
  webview: [],
  extension: ['host', 'host/ports', 'host/node'],
  'host/llm': [],
  'host/ports': [],
  'host/node': ['host/ports'],
  'host/store': ['host/ports'],
  'host/config': ['host/ports'],
  'host/trace': ['host/ports'],
  'host/registry': ['host/ports', 'host/store'],
  'host/location': ['host/ports', 'host/config'],
  'host/permission': ['host/ports', 'host/store', 'host/config', 'host/location'],
  'host/catalog': ['host/ports', 'host/config', 'host/llm'],
  'host/credential': ['host/ports', 'host/config', 'host/llm'],
  'host/agent': ['host/ports', 'host/config', 'host/location'],
  'host/context': ['host/ports', 'host/store', 'host/config', 'host/location', 'host/agent'],
  'host/snapshot': ['host/ports', 'host/store', 'host/location'],
  'host/tool': [
    'host/ports',
    'host/config',
    'host/store',
    'host/location',
    'host/permission',
    'host/snapshot',
  ],
  'host/session': [
    'host/ports',
    'host/store',
    'host/config',
    'host/location',
    'host/permission',
    'host/catalog',
    'host/agent',
    'host/context',
    'host/tool',
    'host/llm',
    'host/trace',
    'host/snapshot',
  ],
  'host/cli': ['host', 'host/ports', 'host/node'],
};

/** Rooms that only tests and programs beside the product use: no product file may import them. */
const besides = ['host/testing', 'test-fixtures', 'bench'];

const files = sourceFiles();
const product = files.filter((file) => !file.isTest && roomOf(file.path) in rooms && !isTesting(file.path));

function roomOf(path: string): string {
  const [world = '', second = ''] = path.split('/');
  if (world !== 'host') return world;
  return second.includes('.') ? 'host' : `host/${second}`;
}

/** Doubles that lie beside what they stand in for. */
function isTesting(path: string): boolean {
  return path.includes('/testing/');
}

test('every file has a room in the table', () => {
  const known = new Set([
    ...Object.keys(rooms),
    ...besides,
    'host',
    'architecture.test.ts',
    'style.test.ts',
    'vitest.config.ts',
  ]);
  expect([...new Set(files.map(({ path }) => roomOf(path)))].filter((room) => !known.has(room))).toEqual([]);
});

test('no import leads where the table has no arrow', () => {
  const arrows = product.flatMap((file) =>
    file.imports
      .filter(({ ours, target }) => ours && !isAllowed(file, roomOf(target)))
      .map(({ target }) => `${file.path} -> ${target}`),
  );
  expect(arrows).toEqual([]);
});

function isAllowed({ path }: SourceFile, to: string): boolean {
  const from = roomOf(path);
  if (to === from) return true;
  if (to === 'shared') return from !== 'host/llm';
  return rooms[from]?.includes(to) ?? false;
}

test('the extension reaches the host by its API and ports only', () => {
  const reached = product
    .filter(({ path }) => path.startsWith('extension/'))
    .flatMap(({ imports }) => imports.filter(({ ours, target }) => ours && target.startsWith('host/')))
    .map(({ target }) => target)
    .filter((target) => !target.startsWith('host/ports/') && !target.startsWith('host/node/'));
  expect([...new Set(reached)]).toEqual(['host/host.ts']);
});

test('only the extension names the editor, and the page and shared know no Node', () => {
  const wrong = files.flatMap(({ path, imports, isTest }) =>
    imports
      .filter(({ ours }) => !ours)
      .filter(({ target }) => {
        if (target === 'vscode') return !path.startsWith('extension/');
        return target.startsWith('node:') && !isTest && /^(shared|webview)\//.test(path);
      })
      .map(({ target }) => `${path} -> ${target}`),
  );
  expect(wrong).toEqual([]);
});

test('effect is imported as its Schema module alone', () => {
  const wrong = product.flatMap(({ path, imports }) =>
    imports
      .filter(({ target }) => /^effect(\/(?!Schema$).*)?$/.test(target))
      .map(({ target }) => `${path} -> ${target}`),
  );
  expect(wrong).toEqual([]);
});

test('the shell of the extension and the page load no schema code', () => {
  expect(reachable('extension/activate.ts').filter((target) => target.startsWith('effect'))).toEqual([]);
  expect(reachable('webview/main.tsx').filter((target) => target.startsWith('effect'))).toEqual([]);
});

/** Packages that a file reaches by value imports, not following the border into the host, which is loaded later. */
function reachable(start: string): readonly string[] {
  const seen = new Set<string>();
  const packages = new Set<string>();
  const visit = (path: string) => {
    if (seen.has(path) || path.startsWith('host/')) return;
    seen.add(path);
    const file = files.find((each) => each.path === path);
    for (const { target, ours, typeOnly } of file?.imports ?? []) {
      if (typeOnly) continue;
      if (ours) visit(target);
      else packages.add(target);
    }
  };
  visit(start);
  return [...packages];
}
