import { createInterface } from 'node:readline';
import { HostError } from '#shared/host-error.ts';

/** What a question is asked over. */
export interface Terminal {
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly output: NodeJS.WritableStream & { readonly isTTY?: boolean };
}

/** `interrupted`: Ctrl+C, or the end of what is typed. */
export type Confirmation = 'yes' | 'no' | 'interrupted';

/**
 * Asks on the terminal; anything but y or yes is no.
 * @throws HostError `cli.usage` where there is no terminal to ask on
 */
export async function confirm(question: string, { input, output }: Terminal): Promise<Confirmation> {
  if (!input.isTTY || !output.isTTY) {
    throw new HostError('cli.usage', 'Nobody is there to be asked: pass --yes to do it without a question.');
  }
  const reader = createInterface({ input, output });
  const { promise, resolve } = Promise.withResolvers<Confirmation>();
  reader.question(question, (answer) => resolve(yes.test(answer) ? 'yes' : 'no'));
  reader.once('SIGINT', () => resolve('interrupted'));
  reader.once('close', () => resolve('interrupted'));
  try {
    const answer = await promise;
    // What is told next begins a line.
    if (answer === 'interrupted') output.write('\n');
    return answer;
  } finally {
    reader.close();
  }
}

const yes = /^\s*y(es)?\s*$/i;
