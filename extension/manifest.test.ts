import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { settings } from '#shared/settings.ts';
import { words } from '#shared/words.ts';

const root = join(import.meta.dirname, '..');
const json = (path: string) => JSON.parse(readFileSync(join(root, path), 'utf8'));
const manifest = json('package.json');
const texts: Record<string, string> = json('package.nls.json');

test('the settings of the manifest and of the code are the same', () => {
  const declared = manifest.contributes.configuration.properties;
  const expected = Object.fromEntries(
    Object.entries(settings).map(([key, { type, default: value, scope, doc }]) => [
      key,
      { type, default: value, scope, markdownDescription: `%${doc}%` },
    ]),
  );
  expect(declared).toEqual(expected);
});

test('every text of the manifest has its words, and no words are left over', () => {
  const used = [...JSON.stringify(manifest).matchAll(/"%([^%"]+)%"/g)].map(([, key]) => key);
  expect(new Set(used)).toEqual(new Set(Object.keys(texts)));
});

test('the commands, views and settings that users and others rely on are pinned', () => {
  const { commands, views, viewsContainers, configuration } = manifest.contributes;
  expect({
    id: `${manifest.publisher}.${manifest.name}`,
    commands: commands.map(({ command }: { command: string }) => command),
    views: Object.values(views)
      .flat()
      .map((view) => (view as { id: string }).id),
    containers: viewsContainers.activitybar.map(({ title }: { title: string }) => title),
    settings: Object.keys(configuration.properties),
  }).toMatchInlineSnapshot(`
    {
      "commands": [
        "millrace.newSession",
        "millrace.stop",
        "millrace.focusChat",
        "millrace.compactSession",
        "millrace.renameSession",
        "millrace.forkSession",
        "millrace.exportSession",
        "millrace.importSession",
        "millrace.archiveSession",
        "millrace.deleteSession",
        "millrace.showTrace",
        "millrace.chooseModel",
        "millrace.signIn",
        "millrace.signOut",
        "millrace.showLog",
      ],
      "containers": [
        "Millrace",
      ],
      "id": "millrace.millrace",
      "settings": [
        "millrace.model",
        "millrace.agent",
        "millrace.localServers",
      ],
      "views": [
        "millrace.chat",
      ],
    }
  `);
});

test('the bundle for translators has every text of the catalog', () => {
  const bundle = json('l10n/bundle.l10n.json');
  expect(Object.keys(bundle).sort()).toEqual([...new Set<string>(Object.values(words))].sort());
});
