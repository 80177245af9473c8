import type { Processes } from '../../ports/processes.ts';

export interface RipgrepRun {
  /** Absolute path of the program. */
  readonly program: string;
  readonly args: readonly string[];
  /** Real path; results are relative to it. */
  readonly directory: string;
  readonly processes: Processes;
  readonly signal: AbortSignal;
}

/** ripgrep says that the search itself is wrong: its own words. */
export class RipgrepRefusal extends Error {
  override readonly name = 'RipgrepRefusal';
}

/** What every search has: hidden files too, ignore files as everywhere, nothing from the user's configuration. */
export const commonArguments: readonly string[] = [
  '--no-config',
  '--hidden',
  '--no-require-git',
  '--no-ignore-global',
  '--no-messages',
  '--color=never',
  '--null',
  '--glob=!.git',
];

const maxErrorBytes = 4_096;
const noMatch = 1;

/**
 * Runs ripgrep and yields its output in pieces that end with `end`, without it. Ends the program when the caller stops
 * reading, and throws the signal's reason when that is aborted.
 */
export async function* runRipgrep(run: RipgrepRun, end: '\n' | '\0'): AsyncGenerator<string> {
  const { program, args, directory, processes, signal } = run;
  signal.throwIfAborted();
  await using process = await processes.start({ program, args, directory, environment: {} });
  const kill = () => void process.kill();
  signal.addEventListener('abort', kill, { once: true });
  try {
    const said = readStart(process.stderr);
    let any = false;
    for await (const piece of pieces(process.stdout, end)) {
      signal.throwIfAborted();
      any = true;
      yield piece;
    }
    const { code = 0 } = await process.ended;
    signal.throwIfAborted();
    // Files that could not be read give this code as well, beside the results; a wrong pattern gives words.
    const words = await said;
    if (code > noMatch && !any && words !== '') throw new RipgrepRefusal(words);
  } finally {
    signal.removeEventListener('abort', kill);
  }
}

async function* pieces(stream: AsyncIterable<Uint8Array>, end: string): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of stream) {
    const parts = (rest + decoder.decode(chunk, { stream: true })).split(end);
    rest = parts.pop() ?? '';
    yield* parts;
  }
  if (rest !== '') yield rest;
}

async function readStart(stream: AsyncIterable<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of stream)
    if (text.length < maxErrorBytes) text += decoder.decode(chunk, { stream: true });
  return text.slice(0, maxErrorBytes).trim();
}
