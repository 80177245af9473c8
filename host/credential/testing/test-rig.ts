import { type OAuthServer, startOAuthServer } from '../../../test-fixtures/oauth-server/server.ts';
import { createLog } from '../../node/log.ts';
import type { Browser } from '../../ports/browser.ts';
import { type Credentials, openCredentials } from '../credentials.ts';
import type { Flow } from '../flow.ts';
import type { AskedQuestion, Interaction, SignInPage } from '../interaction.ts';
import { type HandClock, handClock } from './hand-clock.ts';
import { type MemorySecrets, memorySecrets } from './memory-secrets.ts';

/** Credentials on a real authorization server, with a clock and a user that the test moves. */
export interface SignInRig extends AsyncDisposable {
  readonly server: OAuthServer;
  readonly clock: HandClock;
  readonly secrets: MemorySecrets;
  readonly credentials: Credentials;
  readonly interaction: Interaction;
  /** What was shown to the user. */
  readonly pages: readonly SignInPage[];
  readonly asked: readonly AskedQuestion[];
  /** Resolves with the first page that the test accepts. */
  shown(accept?: (page: SignInPage) => boolean): Promise<SignInPage>;
  /** Everything that was logged. */
  readonly lines: readonly string[];
  /** Another window of the same user, with the same secrets. */
  openWindow(secrets?: MemorySecrets): Promise<Credentials>;
}

export interface RigOptions {
  readonly flows: (url: string) => readonly Flow[];
  /** The user's answers, in order; undefined gives up. */
  readonly answers?: readonly (string | undefined)[];
  /** What the browser does with an address; by default the user signs in there. */
  readonly browser?: (address: string, server: OAuthServer) => Promise<unknown>;
  readonly asExternal?: Browser['asExternal'];
  readonly variables?: Readonly<Record<string, string>>;
  readonly secrets?: MemorySecrets;
}

export async function openRig(options: RigOptions): Promise<SignInRig> {
  const server = await startOAuthServer();
  const clock = handClock();
  const secrets = options.secrets ?? memorySecrets();
  const lines: string[] = [];
  const visits: Promise<unknown>[] = [];
  const visit = options.browser ?? ((address: string) => server.visit(address));
  const browser: Browser = {
    async open(address) {
      visits.push(visit(address, server));
      return true;
    },
    asExternal: options.asExternal ?? ((address) => Promise.resolve(address)),
  };
  const opened: Credentials[] = [];
  const openWindow = async (shared = secrets) => {
    const credentials = await openCredentials({
      secrets: shared,
      clock,
      environment: {
        ...{ platform: 'linux', homeDirectory: '/home/one', surface: 'test' },
        variable: (name) => options.variables?.[name],
      },
      fetch,
      browser,
      log: createLog({ write: (line) => lines.push(line), level: 'trace', now: clock.now }),
      flows: options.flows(server.url),
    });
    opened.push(credentials);
    return credentials;
  };
  const { interaction, pages, asked, shown } = testUser(options.answers ?? []);
  return {
    ...{ server, clock, secrets, lines, openWindow, interaction, pages, asked, shown },
    credentials: await openWindow(),
    async [Symbol.asyncDispose]() {
      for (const credentials of opened) await credentials[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
      await Promise.allSettled(visits);
    },
  };
}

function testUser(answers: readonly (string | undefined)[]) {
  const pages: SignInPage[] = [];
  const asked: AskedQuestion[] = [];
  const waiting = new Set<() => void>();
  const interaction: Interaction = {
    show(page) {
      pages.push(page);
      for (const look of [...waiting]) look();
    },
    ask(question) {
      asked.push(question);
      return Promise.resolve(answers[asked.length - 1]);
    },
  };
  const shown = (accept: (page: SignInPage) => boolean = () => true) => {
    const { promise, resolve } = Promise.withResolvers<SignInPage>();
    const look = () => {
      const page = pages.find(accept);
      if (page === undefined) return;
      waiting.delete(look);
      resolve(page);
    };
    waiting.add(look);
    look();
    return promise;
  };
  return { interaction, pages, asked, shown };
}
