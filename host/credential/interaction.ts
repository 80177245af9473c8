import { HostError } from '#shared/host-error.ts';
import type { Clock } from '../ports/clock.ts';

/** How a sign-in talks with the user: dialogs of the editor, or lines of a terminal. */
export interface Interaction {
  /** Shows where to sign in until the sign-in ends; told again when something changes. */
  show(page: SignInPage): void;
  /** Undefined when the user gives up. On abort rejects with `signal.reason`. */
  ask(question: AskedQuestion, signal: AbortSignal): Promise<string | undefined>;
}

export interface SignInPage {
  readonly address: string;
  /** To be entered there. */
  readonly code?: string;
  /** Whether a browser was opened there; else the user has to. */
  readonly opened: boolean;
}

export interface AskedQuestion {
  readonly text: string;
  /** What is typed is not shown. */
  readonly secret: boolean;
  readonly example?: string;
  /** Where the answer is found or made. */
  readonly link?: string;
  /** An empty answer is one. */
  readonly optional?: boolean;
}

/** The trimmed answer. @throws HostError `credential.cancelled` */
export async function answerTo(
  question: AskedQuestion,
  { interaction, signal }: { readonly interaction: Interaction; readonly signal: AbortSignal },
): Promise<string> {
  const answer = (await orAborted(interaction.ask(question, signal), signal))?.trim();
  if (answer === undefined || (answer === '' && question.optional !== true)) {
    throw new HostError('credential.cancelled', 'The sign-in was given up. Nothing was changed.');
  }
  return answer;
}

/** What `work` comes to, unless the abort comes first: then the work goes on without this caller. */
export async function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = (): void => reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

/** Waits; rejects with `signal.reason` on abort. */
export async function pauseFor(ms: number, clock: Clock, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  using _timer = clock.after(ms, resolve);
  await orAborted(promise, signal);
}
