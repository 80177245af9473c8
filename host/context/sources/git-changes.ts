import * as Schema from 'effect/Schema';
import { HostError } from '#shared/host-error.ts';
import type { OwnedProcess, Processes } from '../../ports/processes.ts';
import { type ContextSource, type ContextTurn, defineSource } from '../context-source.ts';
import { oneLine } from '../one-line.ts';
import { repositoryRoot } from '../repository.ts';
import type { SourceWorld } from '../source-world.ts';

const count = Schema.Int;
const Changes = Schema.Struct({
  staged: count,
  changed: count,
  untracked: count,
  conflicted: count,
  /** There are more than were counted. */
  more: Schema.Boolean,
});
type Changes = typeof Changes.Type;

/**
 * How many files of the Location differ from what is committed. Only in a trusted Location, for git runs for it; and at
 * promotions only, so that the agent's own edits are not told back to it turn by turn.
 */
export function changesSource(world: SourceWorld): ContextSource {
  return defineSource<Changes>({
    key: 'git-changes',
    codec: Changes,
    sampledAt: 'promotions',
    observe: (turn) => changesOf(world, turn),
    baseline: tell,
    update: tell,
    removal: () => 'It is not known any more what is uncommitted in git.',
  });
}

function tell({ more, ...counts }: Changes): string {
  const kinds = (['staged', 'changed', 'untracked', 'conflicted'] as const).filter(
    (kind) => counts[kind] > 0,
  );
  if (kinds.length === 0) return 'Git status of the working folder: nothing uncommitted.';
  const told = kinds.map((kind) => `${counts[kind]} ${kind}`).join(', ');
  return `Git status of the working folder: ${more ? 'at least ' : ''}${told}.`;
}

async function changesOf(world: SourceWorld, { signal }: ContextTurn): Promise<Changes | undefined> {
  const { directory, isTrusted, processes, search, textFiles } = world;
  if (!isTrusted() || (await repositoryRoot(directory, textFiles)) === undefined) return undefined;
  const [program, real] = await Promise.all([
    search.program('git', directory),
    textFiles.realPath(directory),
  ]);
  if (program === undefined || real === undefined) return undefined;
  signal.throwIfAborted();
  const environment = environmentOf(processes);
  await using git = await processes.start({ program, args: [...status], directory: real, environment });
  const kill = () => void git.kill();
  signal.addEventListener('abort', kill, { once: true });
  try {
    signal.throwIfAborted();
    return await countEntries(git, signal);
  } finally {
    signal.removeEventListener('abort', kill);
  }
}

/**
 * Hooks and watchers that the repository's configuration names are not run, a repository hidden in a folder of the
 * project is not taken for one, and nothing is written into `.git`. Filters (`.gitattributes`) run as git needs them.
 */
const status = [
  ...['-c', 'core.fsmonitor=false', '-c', 'core.hooksPath=/dev/null', '-c', 'safe.bareRepository=explicit'],
  ...['status', '--porcelain=v1', '-z', '--no-renames', '--untracked-files=normal'],
  // Looking into a submodule would be git running by that one's own configuration.
  ...['--ignore-submodules=all', '--', '.'],
] as const;

/** What git needs to find itself and the user's own configuration; nothing else of our environment is its business. */
const needed = ['PATH', 'HOME', 'XDG_CONFIG_HOME', 'USERPROFILE', 'SYSTEMROOT'];

function environmentOf(processes: Processes): Record<string, string> {
  const own = Object.entries(processes.environment()).filter(([name]) => needed.includes(name.toUpperCase()));
  return { ...Object.fromEntries(own), GIT_OPTIONAL_LOCKS: '0', GIT_TERMINAL_PROMPT: '0' };
}

const maxEntries = 10_000;

async function countEntries(git: OwnedProcess, signal: AbortSignal): Promise<Changes> {
  const said = startOf(git.stderr);
  const counts = { staged: 0, changed: 0, untracked: 0, conflicted: 0 };
  let entries = 0;
  for await (const entry of entriesOf(git.stdout)) {
    if (++entries > maxEntries) return { ...counts, more: true };
    for (const kind of kindsOf(entry)) counts[kind]++;
  }
  const { code } = await git.ended;
  signal.throwIfAborted();
  if (code === 0) return { ...counts, more: false };
  throw new HostError('context.git', `git status failed (${code ?? 'ended by a signal'}): ${await said}`);
}

/** An entry is two letters, of the index and of the working tree, a space and a path. */
function kindsOf(entry: string): readonly (keyof Omit<Changes, 'more'>)[] {
  const [index = ' ', tree = ' '] = entry;
  if (index === '?') return ['untracked'];
  if (index === 'U' || tree === 'U' || entry.startsWith('AA') || entry.startsWith('DD'))
    return ['conflicted'];
  return [...(index === ' ' ? [] : ['staged' as const]), ...(tree === ' ' ? [] : ['changed' as const])];
}

async function* entriesOf(stream: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of stream) {
    const parts = (rest + decoder.decode(chunk, { stream: true })).split('\0');
    rest = parts.pop() ?? '';
    yield* parts;
  }
}

/** Reads to the end, so that the program never waits for its reader. */
async function startOf(stream: AsyncIterable<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of stream) if (text.length < 1_000) text += decoder.decode(chunk, { stream: true });
  return oneLine(text);
}
