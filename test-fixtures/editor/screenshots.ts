import { join } from 'node:path';
import { artifactFolder } from './open-editor.ts';
import type { Theme } from './profile.ts';
import { openStage, type Stage } from './stage.ts';
import { type State, states } from './states.ts';

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
  try {
    await using stage = await openStage(state.options);
    await pictureOn(stage, state);
    console.log(`✓ ${state.name}`);
  } catch (error) {
    console.error(`✗ ${state.name}:`, error);
    process.exitCode = 1;
  }
}

async function pictureOn(stage: Stage, { name, prepare, show }: State): Promise<void> {
  const { editor } = stage;
  const shown = async (picture: string) => {
    await show?.(stage);
    await editor.screenshot(`screenshots/${picture}`);
    if (show) await editor.page.keyboard.press('Escape');
  };
  try {
    await prepare(stage);
    for (const [themeName, theme] of themes) {
      await editor.setTheme(theme);
      await editor.sidebarWidth(usual);
      await shown(`${name}-${themeName}`);
      await editor.sidebarWidth(narrow);
      await shown(`${name}-${themeName}-narrow`);
    }
  } catch (error) {
    await editor.saveEvidence(`screenshots-${name}`);
    throw error;
  }
}

await main(process.argv.slice(2));
