import type { SignatureV4 } from '@smithy/signature-v4';
import { fetchHandler } from './aws-fetch.ts';
import type { Fetch } from './exchange.ts';

export type AwsKeys = {
  readonly accessKeyID: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
};

export type AwsSigning = {
  readonly region: string;
  /** In place of those that AWS' tools find: profile, environment, single sign-on, the machine's role. */
  readonly keys?: AwsKeys | undefined;
  /** Which profile of `~/.aws` they are to be found in. */
  readonly profile?: string | undefined;
  /** By which services are asked for credentials. */
  readonly fetch?: Fetch | undefined;
};

export type Signable = { readonly url: URL; readonly headers: Headers; readonly body: string };

/** No credential could be had; the message is for the user. */
export class NoCredentials extends Error {
  constructor(reason: string, options?: ErrorOptions) {
    super(`There are no AWS credentials to sign the request with: ${sentence(reason)} ${ways}`, options);
    this.name = 'NoCredentials';
  }
}

const ways =
  'Sign in with "aws sso login" or "aws configure", name a profile, set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or use a Bedrock API key.';

/** AWS' own names. */
type Credentials = {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
};

type Find = () => Promise<Credentials>;

/** Signs requests to Bedrock. Credentials that were found are kept until they run out. */
export class AwsSigner {
  readonly #options: AwsSigning;
  #signer: Promise<SignatureV4> | undefined;
  #chain: Promise<Find> | undefined;
  #latest: Credentials | undefined;

  constructor(options: AwsSigning) {
    this.#options = options;
  }

  /** What may not stand in any message. */
  secrets(): readonly string[] {
    const { secretAccessKey = '', sessionToken = '' } = this.#latest ?? {};
    return [secretAccessKey, sessionToken].filter((secret) => secret.length >= shortest);
  }

  async warm(): Promise<void> {
    await this.#loaded();
  }

  /**
   * Adds to the headers of a POST what proves who asks. Looking for credentials may start a command or ask a service,
   * and AWS' chain cannot be interrupted: whoever aborts leaves it behind, and the next request finds what it found.
   * @throws NoCredentials
   */
  async sign({ url, headers, body }: Signable): Promise<void> {
    const signer = await this.#loaded();
    const signed = await signer.sign({
      method: 'POST',
      protocol: url.protocol,
      hostname: url.hostname,
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      headers: { ...Object.fromEntries(headers), host: url.host },
      body,
    });
    for (const [name, value] of Object.entries(signed.headers)) if (name !== 'host') headers.set(name, value);
  }

  #loaded(): Promise<SignatureV4> {
    this.#signer ??= this.#load();
    return this.#signer;
  }

  async #load(): Promise<SignatureV4> {
    const [aws, { Sha256 }] = await Promise.all([
      import('@smithy/signature-v4'),
      import('@smithy/core/checksum'),
    ]);
    const credentials = async (): Promise<Credentials> => {
      this.#latest = await this.#credentials();
      return this.#latest;
    };
    return new aws.SignatureV4({
      credentials,
      region: this.#options.region,
      service: 'bedrock',
      sha256: Sha256,
    });
  }

  async #credentials(): Promise<Credentials> {
    const { keys } = this.#options;
    if (keys !== undefined) return awsNames(keys);
    this.#chain ??= this.#loadChain();
    const find = await this.#chain;
    try {
      return await find();
    } catch (error) {
      // Whatever it was that each way of the chain failed with: a file, a command, a service.
      throw new NoCredentials(error instanceof Error ? error.message : String(error), { cause: error });
    }
  }

  async #loadChain(): Promise<Find> {
    const { profile, region, fetch } = this.#options;
    const { defaultProvider } = await import('@aws-sdk/credential-provider-node');
    return defaultProvider({
      ...(profile !== undefined && { profile }),
      clientConfig: { requestHandler: fetchHandler(fetch) },
      // For roles; single sign-on is in the region that its profile names.
      parentClientConfig: { region },
      logger: silent,
    });
  }
}

/** Shorter values would blank out ordinary words. */
const shortest = 6;

function awsNames({ accessKeyID, secretAccessKey, sessionToken }: AwsKeys): Credentials {
  return {
    accessKeyId: accessKeyID,
    secretAccessKey,
    ...(sessionToken !== undefined && sessionToken !== '' && { sessionToken }),
  };
}

/** Without one, the chain writes warnings to the console. */
const silent = { trace: ignore, debug: ignore, info: ignore, warn: ignore, error: ignore };

function ignore(): void {
  // nothing to do
}

function sentence(words: string): string {
  return ends.test(words) ? words : `${words}.`;
}

const ends = /[.!?]$/;
