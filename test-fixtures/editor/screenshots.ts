import { join } from 'node:path';
import { startModelServer } from '../model-server/server.ts';
import { artifactFolder, openEditor } from './open-editor.ts';
import type { Theme } from './profile.ts';
import { scriptedConfig } from './scripted-config.ts';
import { type State, states } from './states.ts';

const scripts = join(import.meta.dirname, '../model-server/scripts');
const narrow = 300;
const usual = 420;
const themes: readonly (readonly [name: string, theme: Theme])[] = [
  ['dark', 'dark'],
  ['light', 'light'],
  ['hc', 'hc-dark'],
];

/**
 * `npm run screenshots [-- name …]`: pictures the named states of `states.ts` (all by default) in every theme, at the
 * usual width and in a side bar of 300 px, into `<artifacts>/screenshots/`. A state that cannot be reached is pictured
 * where it got stuck, under `failures/`, and the others go on; the exit code tells.
 */
async function main(names: readonly string[]): Promise<void> {
  const unknown = names.filter((name) => !states.some((state) => state.name === name));
  if (unknown.length > 0) {
    throw new Error(
      `No state ${unknown.join(', ')}; there are: ${states.map(({ name }) => name).join(', ')}.`,
    );
  }
  for (const state of states.filter(({ name }) => names.length === 0 || names.includes(name))) {
    await picture(state);
  }
  console.log(`The pictures are in ${join(artifactFolder(), 'screenshots')}.`);
}

async function picture(state: State): Promise<void> {
  await using model = await startModelServer({ scripts });
  await using editor = await openEditor({ userConfig: scriptedConfig(model.url), ...state.options });
  try {
    await state.prepare({ editor, model, chat: await editor.chat() });
    for (const [name, theme] of themes) {
      await editor.setTheme(theme);
      await editor.sidebarWidth(usual);
      await editor.screenshot(`screenshots/${state.name}-${name}`);
      await editor.sidebarWidth(narrow);
      await editor.screenshot(`screenshots/${state.name}-${name}-narrow`);
    }
    console.log(`✓ ${state.name}`);
  } catch (error) {
    await editor.saveEvidence(`screenshots-${state.name}`);
    console.error(`✗ ${state.name}:`, error);
    process.exitCode = 1;
  }
}

await main(process.argv.slice(2));
