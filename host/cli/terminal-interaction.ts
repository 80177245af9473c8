import { createInterface, type Interface } from 'node:readline';
import { Writable } from 'node:stream';
import { HostError } from '#shared/host-error.ts';
import { say } from '#shared/words.ts';
import type { Interaction, SignInPage } from '../host.ts';
import type { Terminal } from './confirm.ts';
import { plainLine } from './plain-text.ts';

type Question = Parameters<Interaction['ask']>[0];

/** A sign-in on a terminal. `interrupt` is told of a Ctrl+C, and is to abort the sign-in's signal. */
export function terminalInteraction({
  input,
  output,
  interrupt,
}: Terminal & { readonly interrupt: () => void }): Interaction {
  return {
    show: pageTeller((line) => output.write(`${line}\n`)),
    async ask(question, signal) {
      signal.throwIfAborted();
      const prompt = promptOf(question);
      // What is typed is echoed to nowhere.
      const echo = question.secret ? nowhere() : output;
      const reader = createInterface({ input, output: echo, terminal: true, historySize: 0, prompt });
      reader.once('SIGINT', interrupt);
      // Only now, when the terminal itself has ceased to echo: whoever answers the prompt may be quick.
      if (question.secret) output.write(prompt);
      else reader.prompt();
      try {
        return await nextLine(reader, signal);
      } finally {
        reader.close();
        if (question.secret) output.write('\n');
      }
    },
  };
}

/**
 * A sign-in whose answers come on standard input, one on each line: the first is the key, for a key. What has no line
 * cannot be answered. @throws HostError `cli.usage`
 */
export function pipedInteraction({
  input,
  tell,
}: {
  readonly input: NodeJS.ReadableStream;
  readonly tell: (line: string) => void;
}): Interaction {
  let lines: AsyncIterator<string> | undefined;
  return {
    show: pageTeller(tell),
    async ask(question, signal) {
      lines ??= createInterface({ input })[Symbol.asyncIterator]();
      const next = lines.next();
      const { value } = await untilAborted(next, signal);
      const answer: string = typeof value === 'string' ? value.trim() : '';
      if (answer !== '' || question.optional) return answer;
      throw new HostError(
        'cli.usage',
        `Standard input has no line for: ${plainLine(question.text)}. Pipe it in, or sign in on a terminal.`,
      );
    },
  };
}

/** Tells each thing once, however often it is shown. */
function pageTeller(tell: (line: string) => void): Interaction['show'] {
  const told = new Set<string>();
  return (page) => {
    const words = pageWords(page);
    if (!told.has(words)) tell(words);
    told.add(words);
  };
}

function pageWords({ address, code, opened }: SignInPage): string {
  if (code !== undefined) return say({}, 'account.page.code', [plainLine(code), plainLine(address)]);
  return say({}, opened ? 'account.page.opened' : 'account.page.open', [plainLine(address)]);
}

function promptOf({ text, example, link }: Question): string {
  const more = [link, example && say({}, 'cli.auth.example', [example])].filter(Boolean);
  return plainLine(`${text}${more.length === 0 ? '' : ` (${more.join(', ')})`}: `);
}

function nowhere(): Writable {
  return new Writable({ write: (_chunk, _encoding, done) => done() });
}

/** Undefined at the end of what is typed. */
function nextLine(reader: Interface, signal: AbortSignal): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  reader.once('line', resolve);
  reader.once('close', () => resolve(undefined));
  return untilAborted(promise, signal);
}

async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = (): void => reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  if (signal.aborted) abort();
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
