import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { proposedUses } from './manifest.ts';

test("Millrace's own manifest uses no proposed API", async () => {
  const manifest: unknown = JSON.parse(await readFile('package.json', 'utf8'));
  expect(proposedUses({ ...(manifest as object) })).toEqual([]);
});

const offences: readonly (readonly [string, object, string])[] = [
  ['enabled proposals', { enabledApiProposals: ['chatProvider'] }, 'enabledApiProposals'],
  ['a proposed menu', { contributes: { menus: { 'scm/inputBox': [] } } }, 'scm/inputBox'],
  [
    'a proposed multi-diff menu',
    { contributes: { menus: { 'multiDiffEditor/resource/title': [] } } },
    'multiDiff',
  ],
  ['a proposed contribution point', { contributes: { statusBarItems: [] } }, 'statusBarItems'],
  [
    'a view container in the secondary side bar',
    { contributes: { viewsContainers: { secondarySidebar: [] } } },
    'seco',
  ],
  [
    'a view for one remote',
    { contributes: { views: { m: [{ id: 'm.v', remoteName: 'ssh' }] } } },
    'remoteName',
  ],
  ['a grouped welcome', { contributes: { viewsWelcome: [{ view: 'm.v', group: '1' }] } }, 'group'],
];

test.each(offences)('%s is refused', (_name, manifest, part) => {
  const found = proposedUses({ ...manifest });
  expect(found).toHaveLength(1);
  expect(found[0]).toContain(part);
});

test('what the review and the chat need is known as stable', () => {
  const menus = { 'scm/change/title': [], 'view/title': [], 'millrace.more': [], commandPalette: [] };
  const contributes = {
    menus,
    submenus: [{ id: 'millrace.more', label: 'More' }],
    viewsContainers: { activitybar: [] },
  };
  expect(proposedUses({ contributes })).toEqual([]);
});
