import type { AwsKeys } from '../framing/aws-signer.ts';
import { bedrockSDK } from '../framing/bedrock-sdk.ts';
import { bedrockConverse, type ConverseEncoding } from '../protocol/bedrock-converse.ts';
import type { Route } from '../route.ts';
import { authOf, type ProviderSettings } from './settings.ts';

export type BedrockSettings = ProviderSettings & {
  readonly region: string;
  /** Where there is no API key: the profile of `~/.aws` to sign with, or the keys themselves. */
  readonly profile?: string;
  readonly accessKeyID?: string;
  readonly secretAccessKey?: string;
  readonly sessionToken?: string;
  readonly encoding?: ConverseEncoding;
};

/**
 * Amazon Bedrock in one region: with an API key, else signed with AWS credentials. Ids of models are sent as they are:
 * whether a model wants a profile of several regions (`us.`, `eu.`, `apac.`, `global.`), and which of them a user may
 * have his data in, follows from no rule; the catalog lists the ids with their prefix, and Bedrock says if one is due.
 * Source: https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-support.html
 */
export function bedrock(settings: BedrockSettings): Route {
  const { region, profile, baseURL, headers, query, fetch, encoding } = settings;
  return {
    protocol: bedrockConverse(encoding),
    endpoint: {
      baseURL: baseURL ?? `https://bedrock-runtime.${region}.amazonaws.com`,
      headers: headers ?? {},
      ...(query !== undefined && { query }),
    },
    auth: authOf(settings),
    framing: bedrockSDK({ region, profile, keys: keysOf(settings), fetch }),
  };
}

function keysOf({ accessKeyID, secretAccessKey, sessionToken }: BedrockSettings): AwsKeys | undefined {
  if (!accessKeyID || !secretAccessKey) return undefined;
  return { accessKeyID, secretAccessKey, sessionToken };
}
