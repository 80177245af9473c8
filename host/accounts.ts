import type { ModelRef } from '#shared/message.ts';
import type { ProviderEntry } from './catalog/access.ts';
import type { Catalog } from './catalog/catalog.ts';
import { createConfigSource } from './config/config-source.ts';
import type { Consents, ProjectEndpoint } from './credential/consents.ts';
import type { CredentialState } from './credential/credential-state.ts';
import type { Credentials } from './credential/credentials.ts';
import type { MethodInfo } from './credential/method-info.ts';
import type { SignInOptions } from './credential/sign-in.ts';
import { type FolderCatalogOptions, openFolderCatalog } from './folder-catalog.ts';
import type { Environment } from './ports/environment.ts';
import type { TextFiles } from './ports/text-files.ts';

/** A provider, what is kept for it, and how one signs in at it. No secret is in it. */
export interface Account extends ProviderEntry {
  readonly state: CredentialState;
  readonly methods: readonly MethodInfo[];
}

/** The user's keys and sign-ins, and where they may go, for surfaces. */
export interface Accounts
  extends Pick<Credentials, 'signIn' | 'signOut' | 'onChange'>,
    Pick<Consents, 'agree' | 'revoke'> {
  /**
   * Every provider that a folder knows and that one can sign in at: those that can be used, then those that most people
   * have, then by name.
   */
  all(directory: string): Promise<readonly Account[]>;
  /**
   * Where a model's requests would go, when that keeps the user's own credential back: to be shown, and handed to
   * `agree` as it is. Undefined when nothing is kept back.
   */
  withheld(directory: string, model: ModelRef): Promise<ProjectEndpoint | undefined>;
  /** The endpoints that were agreed to. */
  agreed(): readonly ProjectEndpoint[];
}

export interface AccountsOptions {
  readonly credentials: Credentials;
  readonly consents: Consents;
  readonly environment: Environment;
  readonly textFiles: TextFiles;
  /** What a folder knows now. */
  readonly catalogOf: (directory: string) => Promise<Catalog>;
}

export function createAccounts(options: AccountsOptions): Accounts {
  const { credentials, consents, environment, catalogOf } = options;
  const configured = configuredFor(options);
  const stateOf = ({ id, env }: ProviderEntry): CredentialState => {
    const state = credentials.state(id);
    const variable = state.type === 'none' ? env.find((name) => environment.variable(name)) : undefined;
    return variable === undefined ? state : { type: 'environment', variable };
  };
  return {
    signIn: async (providerID, method, how) =>
      credentials.signIn(providerID, method, { ...(await configured(providerID)), ...how }),
    signOut: credentials.signOut,
    onChange: credentials.onChange,
    agree: consents.agree,
    revoke: consents.revoke,
    agreed: consents.all,
    async all(directory) {
      const { providers } = await catalogOf(directory);
      const wanted = providers.filter(({ isKeyless }) => !isKeyless);
      return wanted.toSorted(byStanding).map((provider) => ({
        ...provider,
        state: stateOf(provider),
        methods: credentials.methods(provider.id),
      }));
    },
    async withheld(directory, model) {
      const resolution = (await catalogOf(directory)).resolve(model);
      if (resolution.type !== 'withheld') return undefined;
      const { endpoint: baseURL, headers } = resolution;
      return { providerID: model.providerID, baseURL, headers };
    },
  };
}

/** The accounts as one folder knows them, without opening its store. */
export async function openAccounts(options: FolderCatalogOptions): Promise<Accounts & AsyncDisposable> {
  const folder = await openFolderCatalog(options);
  return {
    ...createAccounts({ ...folder, ...options.ports, catalogOf: folder.catalog }),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

/** What a list of all providers begins with; nobody looks for theirs among two hundred by the alphabet. */
const wellKnown = [
  'anthropic',
  'openai',
  'google',
  'github-copilot',
  'openrouter',
  'xai',
  'mistral',
  'deepseek',
  'groq',
  'azure',
  'amazon-bedrock',
  'google-vertex',
];

function byStanding(a: ProviderEntry, b: ProviderEntry): number {
  return standing(a) - standing(b) || (standing(a) === last ? a.name.localeCompare(b.name, 'en') : 0);
}

const last = wellKnown.length;

function standing({ id, access }: ProviderEntry): number {
  if (access.type === 'usable') return -1;
  const at = wellKnown.indexOf(id);
  return at < 0 ? last : at;
}

/** The user's own client and answers, from their files alone: no project has a say in a sign-in. */
function configuredFor({ environment, textFiles: files }: AccountsOptions) {
  const directory = environment.homeDirectory;
  const config = createConfigSource({ directory, isTrusted: () => false, files, environment });
  return async (providerID: string): Promise<Pick<SignInOptions, 'client' | 'answers'>> => {
    const { providers } = await config.current();
    const own = Object.hasOwn(providers, providerID) ? providers[providerID]?.signIn : undefined;
    const { clientID, clientSecret, ...answers } = own ?? {};
    const secret = clientSecret === undefined ? {} : { secret: clientSecret };
    return { answers, ...(clientID === undefined ? {} : { client: { id: clientID, ...secret } }) };
  };
}
