import * as paths from 'node:path';
import * as Schema from 'effect/Schema';
import { foldersFromRoot, userConfigFolder } from '../../config/config-paths.ts';
import { isWithin } from '../../location/roots.ts';
import { type ContextSource, type ContextTurn, defineSource } from '../context-source.ts';
import { type AdmittedFile, admitted, type InstructionPlace, namedFiles } from '../instruction-paths.ts';
import { oneLine } from '../one-line.ts';
import { readSmall } from '../repository.ts';
import type { SourceWorld } from '../source-world.ts';

const Instructions = Schema.Struct({
  files: Schema.Array(Schema.Struct({ path: Schema.String, text: Schema.String })),
  /** Files for which there was no room: told by name only. */
  others: Schema.optionalKey(Schema.Array(Schema.String)),
});
type Instructions = typeof Instructions.Type;

/** A file longer than this is cut, and all together take no more than that: they are read with every request. */
const maxChars = 32_000;
const maxTotalChars = 96_000;

/**
 * `AGENTS.md` of the user and, in a trusted Location, of the folders from the repository's root down to it, with
 * `CLAUDE.md` and then `CONTEXT.md` as fallback: the first name that is found anywhere counts (OpenCode's rule). Then
 * what `instructions` of the configuration names.
 */
export function instructionsSource(world: SourceWorld): ContextSource {
  return defineSource<Instructions>({
    key: 'instructions',
    codec: Instructions,
    observe: (turn) => instructionsOf(world, turn),
    baseline: tell,
    update: (value) =>
      `These instruction files hold from now on, in place of all that were told before:\n${tell(value)}`,
    removal: () => 'The instruction files are gone: their instructions no longer hold.',
  });
}

function tell({ files, others = [] }: Instructions): string {
  const told = files.map(({ path, text }) => `Instructions from: ${path}\n${text}`);
  const named = others.map((path) => `- ${path}`).join('\n');
  const rest = `There are more instruction files. Read one before you work on what it is about:\n${named}`;
  return [...told, ...(others.length > 0 ? [rest] : [])].join('\n\n');
}

interface InstructionFile extends AdmittedFile {
  readonly text: string;
}

async function instructionsOf(
  world: SourceWorld,
  { signal }: ContextTurn,
): Promise<Instructions | undefined> {
  const foreign = new Set<string>();
  const onForeign = (path: string) => void foreign.add(path);
  const [place, entries] = await Promise.all([placeOf(world, onForeign), world.instructions()]);
  const own = await withoutHome(place, world);
  const [users, project, named] = await Promise.all([
    userInstructions(world),
    projectInstructions({ place, own }, world),
    namedFiles({ entries, place: own, world, signal }),
  ]);
  signal.throwIfAborted();
  const theirs = [...foreign].map((pattern) => ({ type: 'foreign' as const, pattern }));
  world.onInstructionProblems([...named.problems, ...theirs]);
  const all = onceEach([...users, ...project, ...(await readAll(named.files, world))]);
  return all.length > 0 ? withinRoom(all, (path) => shown(path, place, world)) : undefined;
}

async function placeOf(
  { directory, textFiles, isTrusted }: SourceWorld,
  onForeign: InstructionPlace['onForeign'],
): Promise<InstructionPlace> {
  const folders = await foldersFromRoot(directory, textFiles);
  const [root = directory] = folders;
  const realRoot = (await textFiles.realPath(root)) ?? root;
  const location = (await textFiles.realPath(directory)) ?? directory;
  return { folders, root, realRoot, location, trusted: isTrusted(), onForeign };
}

/** Where the home folder itself is kept in git, the project is the Location: what lies beside it is the user's. */
async function withoutHome(place: InstructionPlace, world: SourceWorld): Promise<InstructionPlace> {
  const { directory, environment, textFiles } = world;
  const [home, real] = await Promise.all(
    [environment.homeDirectory, directory].map(async (path) => (await textFiles.realPath(path)) ?? path),
  );
  if (home === undefined || real === undefined || !isWithin(place.realRoot, home, paths)) return place;
  return { ...place, folders: [directory], root: directory, realRoot: real };
}

async function userInstructions(world: SourceWorld): Promise<readonly InstructionFile[]> {
  const { environment, textFiles } = world;
  const own = paths.join(userConfigFolder(environment), 'AGENTS.md');
  const other = paths.join(environment.homeDirectory, '.claude', 'CLAUDE.md');
  const found = await Promise.all(
    [own, other].map(async (path) => ({ path, real: (await textFiles.realPath(path)) ?? path })),
  );
  return (await readAll(found, world)).slice(0, 1);
}

async function projectInstructions(
  { place, own }: { readonly place: InstructionPlace; readonly own: InstructionPlace },
  world: SourceWorld,
): Promise<readonly InstructionFile[]> {
  const byName = await Promise.all(
    ['AGENTS.md', 'CLAUDE.md', 'CONTEXT.md'].map(async (name) => {
      const found = await Promise.all(
        place.folders.map((folder) =>
          admitted(
            { from: 'project', path: paths.join(folder, name) },
            own.folders.includes(folder) ? own : place,
            world.textFiles,
          ),
        ),
      );
      return readAll(
        found.filter((file) => file !== undefined),
        world,
      );
    }),
  );
  return byName.find((read) => read.length > 0) ?? [];
}

/** The files that say anything, in order. */
async function readAll(
  files: readonly AdmittedFile[],
  { textFiles }: SourceWorld,
): Promise<readonly InstructionFile[]> {
  const read = await Promise.all(
    files.map(async ({ path, real }) => ({ path, real, text: bounded(await readSmall(real, textFiles)) })),
  );
  return read.filter(({ text }) => text !== '');
}

/** Directions and characters that nobody sees: a text must say to the model what it says to people. */
const invisible = /[\u200B\u200E\u200F\u202A-\u202E\u2060-\u2064\u2066-\u2069\uFEFF\u{E0000}-\u{E007F}]/gu;

function bounded(text = ''): string {
  const trimmed = text.replace(invisible, '').trim();
  if (trimmed.length <= maxChars) return trimmed;
  // Half of a pair of surrogates would come back from the store as another character.
  return `${trimmed.slice(0, maxChars).toWellFormed()}\n(cut here)`;
}

function onceEach(files: readonly InstructionFile[]): readonly InstructionFile[] {
  const reals = files.map(({ real }) => real);
  return files.filter(({ real }, index) => reals.indexOf(real) === index);
}

function withinRoom(files: readonly InstructionFile[], name: (path: string) => string): Instructions {
  let left = maxTotalChars;
  const told: InstructionFile[] = [];
  const others: string[] = [];
  for (const file of files) {
    const isTold = file.text.length <= left;
    if (isTold) left -= file.text.length;
    if (isTold) told.push(file);
    else others.push(name(file.path));
  }
  return {
    files: told.map(({ path, text }) => ({ path: name(path), text })),
    ...(others.length > 0 ? { others } : {}),
  };
}

/** From the Location where the project holds it, from home where the user's folder does. */
function shown(path: string, { root }: InstructionPlace, { directory, environment }: SourceWorld): string {
  const home = environment.homeDirectory;
  const slashes = (text: string) => oneLine(text.replaceAll(paths.sep, '/'));
  if (isWithin(root, path, paths)) return slashes(paths.relative(directory, path));
  return isWithin(home, path, paths) ? `~/${slashes(paths.relative(home, path))}` : oneLine(path);
}
