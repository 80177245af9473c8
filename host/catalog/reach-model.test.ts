import { expect, test } from 'vitest';
import { smallRequest } from '../llm/testing/recordings.ts';
import type { Catalog } from './catalog.ts';
import type { Consents, ProjectEndpoint } from './choose-credential.ts';
import {
  type CatalogTestWorld,
  catalogWith,
  lab,
  labKey,
  model,
  reason,
  refOf,
} from './testing/catalog-rig.ts';
import { modelWith, providerWith } from './testing/small-catalog.ts';

test('a key never goes to another provider’s own address because a model has another’s package', () => {
  const models = { m: modelWith({ provider: { npm: '@ai-sdk/openai' } }) };
  const catalog = catalogWith({ providers: lab(models, { api: undefined }), variables: labKey });
  expect(reason(catalog, 'lab/m')).toContain('has no address for "lab"');
});

test('a credential that was signed in with goes before the environment, and a file’s key before both (LM-08)', () => {
  const keyOf = (catalog: Catalog) => model(catalog, 'lab/m').route.auth;
  const providers = lab({ m: modelWith() });
  const stored = { lab: { type: 'key', key: 'stored' } } as const;
  const user = { provider: { lab: { options: { apiKey: 'file' } } } };
  expect(keyOf(catalogWith({ providers, variables: labKey }))).toMatchObject({ key: 'sk-lab' });
  expect(keyOf(catalogWith({ providers, variables: labKey, stored }))).toMatchObject({ key: 'stored' });
  expect(keyOf(catalogWith({ providers, variables: labKey, stored, user }))).toMatchObject({ key: 'file' });
  const auth = { type: 'token', token: () => Promise.resolve('t'), last: () => 't' } as const;
  const signedIn = {
    lab: { type: 'auth', auth, headers: { account: '1' }, baseURL: 'https://account.test' },
  } as const;
  const reached = model(catalogWith({ providers, stored: signedIn }), 'lab/m');
  expect(reached.route.auth).toBe(auth);
  expect(reached.route.endpoint).toEqual({ baseURL: 'https://account.test', headers: { account: '1' } });
});

test('a way keeps what its signer or login has found, until the credential is another or a project has a word in it', () => {
  const providers = lab({ m: modelWith(), other: modelWith() });
  const routeOf = (catalog: Catalog, name = 'lab/m') => model(catalog, name).route;
  const fromEnvironment = catalogWith({ providers, variables: labKey });
  expect(routeOf(fromEnvironment)).toBe(routeOf(fromEnvironment));
  expect(routeOf(fromEnvironment, 'lab/other')).not.toBe(routeOf(fromEnvironment));
  const stored: Record<string, { readonly type: 'key'; readonly key: string }> = {
    lab: { type: 'key', key: 'one' },
  };
  const changing = catalogWith({ providers, stored });
  const before = routeOf(changing);
  stored['lab'] = { type: 'key', key: 'two' };
  expect(routeOf(changing).auth).toMatchObject({ key: 'two' });
  expect(routeOf(changing)).not.toBe(before);
  const project = { provider: { lab: { options: { baseURL: 'https://own.test', apiKey: 'theirs' } } } };
  const pointed = catalogWith({ providers, project });
  expect(routeOf(pointed)).not.toBe(routeOf(pointed));
});

test('a model without tools of its own is told in words how to call, unless the user says that it has some (LM-12)', () => {
  const models = { plain: modelWith({ tool_call: false }), able: modelWith() };
  const encoded = (name: string, user: object = {}) => {
    const catalog = catalogWith({ providers: lab(models), variables: labKey, user });
    const tools = [{ name: 'read', description: 'Reads a file.', parameters: { type: 'object' } }];
    const { protocol } = model(catalog, name).route;
    return JSON.stringify(protocol.encode({ model: 'm', system: [], messages: [], tools, generation: {} }));
  };
  expect(encoded('lab/able')).toContain('"tools":');
  expect(encoded('lab/plain')).toContain('<tool_call>');
  expect(encoded('lab/plain')).not.toContain('"tools":');
  const user = { provider: { lab: { models: { plain: { tool_call: true } } } } };
  expect(encoded('lab/plain', user)).toContain('"tools":');
});

test('thoughts that a server of chat completions leaves in the text are thoughts', () => {
  const catalog = catalogWith({ providers: lab({ m: modelWith() }), variables: labKey });
  const decoder = model(catalog, 'lab/m').route.protocol.decoder(smallRequest);
  const choices = [{ index: 0, delta: { content: '<think>Hm.</think>Yes.' }, finish_reason: 'stop' }];
  const events = [...decoder.push({ choices }), ...decoder.end({ complete: true })];
  expect(events.map(({ type }) => type)).toEqual(['reasoning.delta', 'text.delta', 'finish']);
});

test('nothing of the user’s goes where a project points: no key, no sign-in, no credential of the machine', () => {
  const chat = modelWith({ provider: { npm: '@ai-sdk/openai-compatible' } });
  const vertex = {
    id: 'vertex',
    npm: '@ai-sdk/google-vertex',
    api: undefined,
    env: ['GOOGLE_VERTEX_PROJECT'],
  };
  const providers = {
    ...lab({ m: modelWith() }),
    vertex: providerWith({ ...vertex, models: { m: modelWith(), chat } }),
  };
  const elsewhere = { options: { baseURL: 'https://evil.test' } };
  const typeOf = (world: CatalogTestWorld, name = 'lab/m') =>
    catalogWith({ providers, ...world }).resolve(refOf(name)).type;
  const to = (lab: object) => ({ provider: { lab } });
  const stored = { lab: { type: 'key', key: 'stored' } } as const;
  expect(typeOf({ project: to(elsewhere), variables: labKey })).toBe('withheld');
  expect(typeOf({ project: to(elsewhere), stored })).toBe('withheld');
  expect(typeOf({ project: to({ npm: '@ai-sdk/google' }), stored })).toBe('withheld');
  expect(typeOf({ project: to({ models: { m: { provider: { api: 'https://evil.test' } } } }), stored })).toBe(
    'withheld',
  );
  expect(typeOf({ project: to({ options: { resourceName: 'evil' } }), stored })).toBe('withheld');
  expect(typeOf({ project: to({ models: { m: { name: 'Mine' } }, whitelist: ['m'] }), stored })).toBe(
    'model',
  );
  const machine = { GOOGLE_VERTEX_PROJECT: 'p' };
  const withKey = { options: { ...elsewhere.options, apiKey: 'own' } };
  const own = catalogWith({ providers, project: { provider: { vertex: withKey } }, variables: machine });
  expect(model(own, 'vertex/chat').route.auth).toEqual({ type: 'bearer', key: 'own' });
  expect(typeOf({ project: { provider: { vertex: elsewhere } }, variables: machine }, 'vertex/m')).toBe(
    'withheld',
  );
  expect(typeOf({ user: { provider: { vertex: elsewhere } }, variables: machine }, 'vertex/m')).toBe('model');
});

test('what is withheld goes where the user agreed that it may, as it was shown to them (LM-08)', () => {
  const provider = {
    lab: {
      options: { baseURL: 'https://proxy.test', headers: { b: '1' } },
      models: { m: { headers: { a: '1' } } },
    },
  };
  const asked: ProjectEndpoint[] = [];
  const world = { project: { provider }, providers: lab({ m: modelWith() }), variables: labKey };
  const agreedTo = (baseURL: string): Consents => ({
    agreed(endpoint) {
      asked.push(endpoint);
      return endpoint.baseURL === baseURL;
    },
  });
  const withheld = catalogWith({ ...world, consents: agreedTo('https://other.test') }).resolve(
    refOf('lab/m'),
  );
  expect(withheld).toEqual({ type: 'withheld', endpoint: 'https://proxy.test', headers: ['a', 'b'] });
  const agreed = catalogWith({ ...world, consents: agreedTo('https://proxy.test') });
  expect(model(agreed, 'lab/m').route).toMatchObject({
    auth: { key: 'sk-lab' },
    endpoint: { headers: { a: '1', b: '1' } },
  });
  expect(asked[0]).toEqual({ providerID: 'lab', baseURL: 'https://proxy.test', headers: ['a', 'b'] });
});

test('an address of a project is taken as it stands: no variable is filled into it', () => {
  const baseURL = 'https://evil.test/$' + '{MY_PLACE}';
  const variables = { MY_PLACE: 'home' };
  const provider = { lab: { options: { baseURL, apiKey: 'own' } } };
  const providers = lab({ m: modelWith() });
  expect(model(catalogWith({ project: { provider }, providers, variables }), 'lab/m').endpoint).toBe(baseURL);
  expect(model(catalogWith({ user: { provider }, providers, variables }), 'lab/m').endpoint).toBe(
    'https://evil.test/home',
  );
});

test('places in an address come from opencode.json or the environment, and what is missing is told', () => {
  const account = '$' + '{CLOUDFLARE_ACCOUNT_ID}';
  const key = '$' + '{LAB_API_KEY}';
  const at = (api: string) => lab({ m: modelWith() }, { api, env: ['CLOUDFLARE_ACCOUNT_ID', 'LAB_API_KEY'] });
  const providers = at(`https://x.test/${account}/v1`);
  expect(reason(catalogWith({ providers, variables: labKey }), 'lab/m')).toContain(
    'Set CLOUDFLARE_ACCOUNT_ID',
  );
  const variables = { ...labKey, CLOUDFLARE_ACCOUNT_ID: 'from-variable' };
  expect(model(catalogWith({ providers, variables }), 'lab/m').endpoint).toBe(
    'https://x.test/from-variable/v1',
  );
  const user = { provider: { lab: { options: { accountId: 'from-file' } } } };
  expect(model(catalogWith({ providers, variables, user }), 'lab/m').endpoint).toBe(
    'https://x.test/from-file/v1',
  );
  const bad = { provider: { lab: { options: { accountId: '../../other' } } } };
  expect(reason(catalogWith({ providers, variables, user: bad }), 'lab/m')).toContain(
    'Set CLOUDFLARE_ACCOUNT_ID',
  );
  expect(reason(catalogWith({ providers: at(`https://x.test/${key}`), variables }), 'lab/m')).toContain(
    'Set LAB_API_KEY',
  );
});

test('clouds are reached where opencode.json or the environment says, and say what they need', () => {
  const cloud = (id: string, npm: string, env: string[]) => ({
    [id]: providerWith({ id, npm, api: undefined, env, models: { m: modelWith() } }),
  });
  const providers = {
    ...cloud('azure', '@ai-sdk/azure', ['AZURE_RESOURCE_NAME', 'AZURE_API_KEY']),
    ...cloud('amazon-bedrock', '@ai-sdk/amazon-bedrock', [
      'AWS_ACCESS_KEY_ID',
      'AWS_REGION',
      'AWS_BEARER_TOKEN_BEDROCK',
    ]),
    ...cloud('google-vertex', '@ai-sdk/google-vertex', [
      'GOOGLE_VERTEX_PROJECT',
      'GOOGLE_APPLICATION_CREDENTIALS',
    ]),
  };
  const bare = catalogWith({
    providers,
    variables: { AZURE_API_KEY: 'k', AWS_BEARER_TOKEN_BEDROCK: 'k', GOOGLE_APPLICATION_CREDENTIALS: '/f' },
  });
  expect(reason(bare, 'azure/m')).toContain('Set AZURE_RESOURCE_NAME, or options.resourceName of "azure"');
  expect(reason(bare, 'amazon-bedrock/m')).toContain('Set AWS_REGION');
  expect(reason(bare, 'google-vertex/m')).toContain('Set GOOGLE_VERTEX_PROJECT');
  const full = catalogWith({
    providers,
    user: { provider: { 'amazon-bedrock': { options: { region: 'eu-west-3' } } } },
    variables: {
      AZURE_API_KEY: 'k',
      AZURE_RESOURCE_NAME: 'mine',
      AWS_ACCESS_KEY_ID: 'id',
      GOOGLE_CLOUD_PROJECT: 'p',
    },
  });
  expect(model(full, 'azure/m')).toMatchObject({
    endpoint: 'https://mine.openai.azure.com/openai/v1',
    route: { auth: { type: 'header', name: 'api-key', value: 'k' } },
  });
  expect(model(full, 'amazon-bedrock/m')).toMatchObject({
    endpoint: 'https://bedrock-runtime.eu-west-3.amazonaws.com',
    route: { auth: { type: 'none' } },
  });
  expect(model(full, 'google-vertex/m').endpoint).toContain('/projects/p/locations/global');
});

test('a region of a project’s file does not lead out of the provider’s hosts', () => {
  const bedrock = {
    id: 'amazon-bedrock',
    npm: '@ai-sdk/amazon-bedrock',
    api: undefined,
    models: { m: modelWith() },
  };
  const at = (region: string) =>
    catalogWith({
      providers: { 'amazon-bedrock': providerWith(bedrock) },
      project: { provider: { 'amazon-bedrock': { options: { region, profile: 'admin' } } } },
      variables: { AWS_ACCESS_KEY_ID: 'id' },
    });
  expect(model(at('eu-west-3'), 'amazon-bedrock/m').endpoint).toBe(
    'https://bedrock-runtime.eu-west-3.amazonaws.com',
  );
  expect(reason(at('x.evil.test/'), 'amazon-bedrock/m')).toContain('Set AWS_REGION');
});

test('a model whose key is held back is offered as such, and never taken unasked (LM-08)', () => {
  const project = { provider: { lab: { options: { baseURL: 'https://other.test' } } } };
  const world = { providers: lab({ m: modelWith() }), project, variables: labKey };
  const held = catalogWith(world);
  expect(held.models).toMatchObject([{ ref: refOf('lab/m'), needsConsent: true }]);
  expect(held.defaultModel).toBeUndefined();
  const allowed = catalogWith({ ...world, consents: { agreed: () => true } });
  expect(allowed.models).toMatchObject([{ ref: refOf('lab/m') }]);
  expect(allowed.models[0]).not.toHaveProperty('needsConsent');
  expect(allowed.defaultModel).toEqual(refOf('lab/m'));
});
