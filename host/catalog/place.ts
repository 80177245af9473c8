import type { ProviderPlace } from '../config/config-schema.ts';
import type { Environment } from '../ports/environment.ts';

export type PlaceName = keyof ProviderPlace;

/** Where a user's part of a provider is: asked of opencode.json, then of the environment. */
export interface Place {
  /** Undefined where nobody says, or what they say is no name: it becomes part of an address. */
  named(name: PlaceName): string | undefined;
  /** What stands for `${VARIABLE}` in an address of the catalogue; never a key. */
  variable(name: string): string | undefined;
  /** What to set for a name, in words for the user. */
  howTo(name: PlaceName): string;
}

export interface PlaceFacts {
  readonly providerID: string;
  /** The variables that the catalogue names for the provider. */
  readonly env: readonly string[];
  readonly place: ProviderPlace;
}

export function placeOf({ providerID, env, place }: PlaceFacts, environment: Environment): Place {
  const variablesOf = (name: PlaceName) => {
    if (name !== 'resourceName') return variables[name];
    const own = env.filter((each) => each.endsWith('_RESOURCE_NAME'));
    return own.length > 0 ? own : variables.resourceName;
  };
  const named = (name: PlaceName) => {
    const said = place[name] ?? variablesOf(name).map(environment.variable).find(Boolean) ?? defaults[name];
    return said !== undefined && forms[name].test(said) ? said : undefined;
  };
  return {
    named,
    variable(variable) {
      const name = names.find((each) => variablesOf(each).includes(variable));
      if (name) return named(name);
      if (variable === 'GOOGLE_VERTEX_ENDPOINT') return vertexHost(named('location'));
      return isKeyName(variable) ? undefined : environment.variable(variable);
    },
    howTo: (name) => `Set ${variablesOf(name)[0]}, or options.${name} of "${providerID}" in opencode.json.`,
  };
}

/** Fills `${NAME}` into an address of the catalogue or of the user. */
export function fillAddress(
  address: string,
  place: Place,
):
  | { readonly type: 'address'; readonly address: string }
  | { readonly type: 'missing'; readonly name: string } {
  const missing: string[] = [];
  const filled = address.replace(placeholder, (_, name: string) => {
    const value = place.variable(name);
    if (!value) missing.push(name);
    return value ?? '';
  });
  const [name] = missing;
  return name === undefined ? { type: 'address', address: filled } : { type: 'missing', name };
}

const placeholder = /\$\{(\w+)\}/g;

/** Those of a list of variables that hold keys; a list of one holds a key whatever its name is. */
export function keyNamesIn(env: readonly string[]): readonly string[] {
  const keys = env.filter(isKeyName);
  return keys.length > 0 ? keys : env.slice(0, 1);
}

function isKeyName(name: string): boolean {
  return keyWord.test(name);
}

const keyWord = /(?:^|_)(?:\w*KEY|\w*TOKEN|PAT|SECRET|PASSWORD|CREDENTIALS?)(?:_|$)/;

/** Source: https://docs.cloud.google.com/vertex-ai/docs/reference/rest#service-endpoint */
function vertexHost(location: string | undefined): string | undefined {
  if (location === undefined) return undefined;
  if (location === 'us' || location === 'eu') return `aiplatform.${location}.rep.googleapis.com`;
  return location === 'global' ? 'aiplatform.googleapis.com' : `${location}-aiplatform.googleapis.com`;
}

const defaults: Readonly<Partial<Record<PlaceName, string>>> = { location: 'global' };

/** Those that the vendors' own tools read, the one first that is told to the user. */
const variables: Readonly<Record<PlaceName, readonly string[]>> = {
  region: ['AWS_REGION', 'AWS_DEFAULT_REGION'],
  profile: ['AWS_PROFILE'],
  project: ['GOOGLE_VERTEX_PROJECT', 'GOOGLE_CLOUD_PROJECT', 'GCP_PROJECT', 'GCLOUD_PROJECT'],
  location: ['GOOGLE_VERTEX_LOCATION', 'GOOGLE_CLOUD_LOCATION', 'VERTEX_LOCATION'],
  resourceName: ['AZURE_RESOURCE_NAME'],
  apiVersion: ['AZURE_API_VERSION'],
  accountId: ['CLOUDFLARE_ACCOUNT_ID'],
  gatewayId: ['CLOUDFLARE_GATEWAY_ID'],
};

const names = Object.keys(variables) as PlaceName[]; // the keys of a record whose keys are a closed union

const slug = /^[\w-]+$/;

/** A project's file may name a region: it must not lead out of the provider's own hosts. */
const forms: Readonly<Record<PlaceName, RegExp>> = {
  region: slug,
  profile: /^[^\n]+$/,
  project: /^[\w.:-]+$/,
  location: slug,
  resourceName: slug,
  apiVersion: slug,
  accountId: slug,
  gatewayId: slug,
};
