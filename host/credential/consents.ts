import * as Schema from 'effect/Schema';
import { HostError } from '#shared/host-error.ts';
import type { Log } from '../ports/log.ts';
import type { Secrets } from '../ports/secrets.ts';

/** An endpoint that a project names, as the user would be shown it before a key of theirs goes there. */
export interface ProjectEndpoint {
  readonly providerID: string;
  readonly baseURL: string;
  /** Names of the headers that the project adds. */
  readonly headers: readonly string[];
}

/** The endpoints that the user has agreed to send their own credentials to, each exactly as it was shown. */
export interface Consents extends AsyncDisposable {
  /** From memory. Another address, path or header is another endpoint. */
  agreed(endpoint: ProjectEndpoint): boolean;
  /** @throws HostError `credential.address` for an address that no secret may go to */
  agree(endpoint: ProjectEndpoint): Promise<void>;
  revoke(endpoint: ProjectEndpoint): Promise<void>;
  all(): readonly ProjectEndpoint[];
}

const name = 'endpoint-consents';

const Agreed = Schema.Struct({
  providerID: Schema.String,
  baseURL: Schema.String,
  headers: Schema.Array(Schema.String),
});
const Content = Schema.Struct({ version: Schema.Literal(1), agreed: Schema.Array(Agreed) });
const decodeContent = Schema.decodeUnknownResult(Schema.fromJsonString(Content));

/** Reads the list, once, and follows what other windows change. What cannot be read counts as agreed to nothing. */
export async function openConsents({
  secrets,
  log,
}: {
  readonly secrets: Secrets;
  readonly log: Log;
}): Promise<Consents> {
  let list: readonly ProjectEndpoint[] = [];
  const pending = new Set<Promise<void>>();
  const reload = async () => {
    try {
      list = read(await secrets.get(name));
    } catch (error) {
      list = [];
      log.error('The list of endpoints that were agreed to could not be read', error);
    }
  };
  const subscription = secrets.onDidChange((key) => {
    if (key !== name) return;
    const work = reload().finally(() => pending.delete(work));
    pending.add(work);
  });
  await reload();

  const change = async (update: (agreed: readonly ProjectEndpoint[]) => readonly ProjectEndpoint[]) => {
    using _held = await secrets.lock(name, new AbortController().signal);
    const agreed = update(read(await secrets.get(name)));
    await secrets.set(name, JSON.stringify({ version: 1, agreed }));
    list = agreed;
  };
  return {
    agreed: (endpoint) => {
      const exact = exactly(endpoint);
      return exact !== undefined && list.some(isSame(exact));
    },
    async agree(endpoint) {
      const exact = exactly(endpoint);
      if (exact === undefined) throw noAddress();
      await change((agreed) => [...agreed.filter((each) => !isSame(exact)(each)), exact]);
    },
    async revoke(endpoint) {
      const exact = exactly(endpoint);
      if (exact !== undefined) await change((agreed) => agreed.filter((each) => !isSame(exact)(each)));
    },
    all: () => list,
    async [Symbol.asyncDispose]() {
      subscription[Symbol.dispose]();
      await Promise.all(pending);
    },
  };
}

/** A damaged list is one that nothing stands in: to be asked again does no harm. */
function read(text: string | undefined): readonly ProjectEndpoint[] {
  const decoded = decodeContent(text ?? '');
  return decoded._tag === 'Success' ? decoded.success.agreed : [];
}

/** One form for what is the same to a server; undefined for what is no address, or carries a password. */
function exactly({ providerID, baseURL, headers }: ProjectEndpoint): ProjectEndpoint | undefined {
  if (!URL.canParse(baseURL)) return undefined;
  const { protocol, origin, pathname, search, username, password } = new URL(baseURL);
  if (!webProtocol.test(protocol) || username !== '' || password !== '') return undefined;
  const path = pathname.replace(trailingSlashes, '');
  const names = [...new Set(headers.map((each) => each.toLowerCase()))].toSorted();
  return { providerID, baseURL: `${origin}${path}${search}`, headers: names };
}

const webProtocol = /^https?:$/;
const trailingSlashes = /\/+$/;

function isSame(one: ProjectEndpoint): (other: ProjectEndpoint) => boolean {
  const key = keyOf(one);
  return (other) => keyOf(other) === key;
}

function keyOf({ providerID, baseURL, headers }: ProjectEndpoint): string {
  return JSON.stringify([providerID, baseURL, headers]);
}

function noAddress(): HostError {
  return new HostError(
    'credential.address',
    'No key can be sent to this: it is not the address of a web server.',
  );
}
