import * as Schema from 'effect/Schema';
import { type ContextSource, defineSource } from '../context-source.ts';
import { oneLine } from '../one-line.ts';
import type { SourceWorld } from '../source-world.ts';

const Editors = Schema.Struct({
  /** Relative to the Location, with slashes, sorted. */
  open: Schema.Array(Schema.String),
  active: Schema.optionalKey(Schema.String),
  /** How many are open beside these. */
  more: Schema.Int,
});
type Editors = typeof Editors.Type;

const maxTold = 20;

/** The Location's files that are open in the editor, and the one in front: coarse, at promotions (decision 29). */
export function editorsSource(world: Pick<SourceWorld, 'directory' | 'workspaceView'>): ContextSource {
  return defineSource<Editors>({
    key: 'editors',
    codec: Editors,
    sampledAt: 'promotions',
    observe: () => editorsOf(world),
    baseline: (value) => `Open in the editor:\n${lines(value)}`,
    update: (value) => `Now open in the editor:\n${lines(value)}`,
    removal: () => 'No file of the working folder is open in the editor any more.',
  });
}

async function editorsOf({
  directory,
  workspaceView,
}: Pick<SourceWorld, 'directory' | 'workspaceView'>): Promise<Editors | undefined> {
  const editors = await workspaceView.openEditors(directory);
  if (editors.length === 0) return undefined;
  const active = editors.find((editor) => editor.active)?.path;
  const others = new Set(editors.map(({ path }) => path).filter((path) => path !== active));
  // The active one is never among those left out.
  const kept = [...others].sort().slice(0, active === undefined ? maxTold : maxTold - 1);
  const open = [...kept, ...(active === undefined ? [] : [active])].map((path) => oneLine(path)).sort();
  return {
    open,
    ...(active === undefined ? {} : { active: oneLine(active) }),
    more: others.size - kept.length,
  };
}

function lines({ open, active, more }: Editors): string {
  const told = open.map((path) => (path === active ? `- ${path} (active)` : `- ${path}`));
  return [...told, ...(more > 0 ? [`(and ${more} more)`] : [])].join('\n');
}
