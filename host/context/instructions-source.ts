import { join } from 'node:path';
import { hasCode } from '#shared/host-error.ts';
import { foldersFromRoot, realInside, userConfigFolder } from '../config/config-paths.ts';
import type { TextFiles } from '../ports/text-files.ts';
import type { SourceWorld } from './builtin-sources.ts';
import type { ContextSource } from './context-source.ts';

type Instructions = { files: { path: string; text: string }[] };

/** A file longer than this is cut: instructions are read with every request. */
const maxChars = 32_000;

/**
 * `AGENTS.md` of the user and, in a trusted Location, of the folders from the repository's root down to it, with
 * `CLAUDE.md` and then `CONTEXT.md` as fallback: the first name that is found anywhere counts (OpenCode's rule).
 */
export function instructionsSource(world: SourceWorld): ContextSource<Instructions> {
  const tell = ({ files }: Instructions) =>
    files.map(({ path, text }) => `Instructions from: ${path}\n${text}`).join('\n\n');
  return {
    key: 'instructions',
    async observe() {
      const [own, project] = await Promise.all([
        userInstructions(world),
        world.isTrusted() ? projectInstructions(world) : [],
      ]);
      const files = [...(own ? [own] : []), ...project];
      return files.length > 0 ? { files } : undefined;
    },
    baseline: tell,
    update: (value) =>
      value
        ? `The instruction files have changed. They now say:\n${tell(value)}`
        : 'The instruction files are gone: their instructions no longer hold.',
  };
}

async function userInstructions({ environment, files }: SourceWorld) {
  const own = await readFile(files, join(userConfigFolder(environment), 'AGENTS.md'));
  return own ?? readFile(files, join(environment.homeDirectory, '.claude', 'CLAUDE.md'));
}

async function projectInstructions({ directory, files }: SourceWorld) {
  const folders = await foldersFromRoot(directory, files);
  const [root = directory] = folders;
  const byName = await Promise.all(
    ['AGENTS.md', 'CLAUDE.md', 'CONTEXT.md'].map((name) =>
      Promise.all(folders.map((folder) => readInside(files, root, join(folder, name)))),
    ),
  );
  const found = byName.map((read) => read.filter((file) => file !== undefined));
  return found.find((read) => read.length > 0) ?? [];
}

/** A link that leads out of the project is as good as absent: a repository must not choose which file is told. */
async function readInside(files: TextFiles, root: string, path: string) {
  const real = await realInside(root, path, files);
  if (real === undefined || real === 'outside') return undefined;
  const read = await readFile(files, real.path);
  return read && { ...read, path };
}

async function readFile(files: TextFiles, path: string) {
  const text = (await readText(files, path))?.trim();
  if (!text) return undefined;
  return { path, text: text.length > maxChars ? `${text.slice(0, maxChars)}\n(cut here)` : text };
}

/** What is no file of instructions at all (a device, a dump of megabytes) is left out. */
async function readText(files: TextFiles, path: string): Promise<string | undefined> {
  try {
    return await files.read(path);
  } catch (error) {
    if (hasCode(error, 'text.not-regular') || hasCode(error, 'text.too-large')) return undefined;
    throw error;
  }
}
