import { execFile } from 'node:child_process';
import { mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type CliRig, openCliRig } from '#host/cli/testing/cli-rig.ts';
import type { ModelServer } from '../model-server/server.ts';

// The host, bundled as the package has it, in a process of its own for each provider: which files does it load?

const execute = promisify(execFile);
const root = resolve(import.meta.dirname, '../..');
const recorder = pathToFileURL(join(import.meta.dirname, '../programs/record-modules.ts')).href;

/** Of esbuild's `meta.json`. */
interface Meta {
  readonly outputs: Readonly<Record<string, { readonly inputs: Readonly<Record<string, object>> }>>;
}

let built: string;
/** Packages of vendors that a file of the bundle holds something of, by the file's name. */
let vendorsOf: ReadonlyMap<string, readonly string[]>;
let rig: CliRig;

beforeAll(async () => {
  built = await realpath(await mkdtemp(join(tmpdir(), 'millrace-chunks-')));
  await execute(process.execPath, ['esbuild.mjs', '--host', built], { cwd: root });
  const meta: Meta = JSON.parse(await readFile(join(built, 'meta.json'), 'utf8'));
  vendorsOf = new Map(
    Object.entries(meta.outputs).map(([path, { inputs }]) => [
      basename(path),
      vendorsIn(Object.keys(inputs)),
    ]),
  );
});
afterAll(() => rm(built, { recursive: true, force: true }));
beforeEach(async () => {
  rig = await openCliRig();
});
afterEach(() => rig[Symbol.asyncDispose]());

const vendorPath =
  /node_modules\/(openai|@anthropic-ai\/sdk|@google\/genai|google-auth-library|@aws-sdk|@smithy)\//;

function vendorsIn(inputs: readonly string[]): readonly string[] {
  return [...new Set(inputs.flatMap((path) => vendorPath.exec(path)?.[1] ?? []))];
}

/** The files of the bundle that a run of it loads and that hold something of a vendor. */
async function loadedBy(args: readonly string[], variables: Readonly<Record<string, string>> = {}) {
  const record = join(rig.home, 'loaded');
  await writeFile(record, '');
  const command = ['--import', recorder, join(built, 'cli.js'), ...args];
  await execute(process.execPath, command, {
    env: {
      ...{ PATH: process.env['PATH'] ?? '', HOME: rig.home, RECORDED_MODULES: record, ...variables },
      ...{ XDG_CONFIG_HOME: join(rig.home, 'config'), XDG_DATA_HOME: join(rig.home, 'data') },
    },
  });
  const files = new Set((await readFile(record, 'utf8')).split('\n').map((url) => basename(url)));
  expect(files).toContain('cli.js');
  return [...files].filter((file) => vendorsOf.get(file)?.length);
}

async function runWith(provider: object, variables?: Readonly<Record<string, string>>) {
  const models = { scripted: { name: 'Scripted' } };
  const config = { model: 'scripted/scripted', provider: { scripted: { models, ...provider } } };
  await writeFile(join(rig.home, 'config/opencode/opencode.json'), JSON.stringify(config));
  const files = await loadedBy(['run', '--dir', rig.workspace, 'say something'], variables);
  expect(rig.model.requests.length).toBeGreaterThan(0);
  return { files, vendors: [...new Set(files.flatMap((file) => vendorsOf.get(file) ?? []))].toSorted() };
}

const apiKey = 'key-of-the-user';
const ways: readonly (readonly [name: string, vendor: string, provider: (server: ModelServer) => object])[] =
  [
    ['chat completions', 'openai', ({ url }) => ({ options: { baseURL: url, apiKey } })],
    ['Responses', 'openai', ({ url }) => ({ npm: '@ai-sdk/openai', options: { baseURL: url, apiKey } })],
    [
      'Messages',
      '@anthropic-ai/sdk',
      ({ url }) => ({ npm: '@ai-sdk/anthropic', options: { baseURL: url, apiKey } }),
    ],
    [
      'Gemini',
      '@google/genai',
      ({ origin }) => ({ npm: '@ai-sdk/google', options: { baseURL: `${origin}/v1beta`, apiKey } }),
    ],
  ];

test.each(ways)(
  'asking a provider by %s loads the one chunk of %s and no other SDK',
  async (_, vendor, provider) => {
    const { files, vendors } = await runWith(provider(rig.model));
    expect(vendors).toEqual([vendor]);
    expect(files).toHaveLength(1);
  },
);

test('Bedrock with a key loads what reads its streams, and with credentials of AWS what signs', async () => {
  const options = { baseURL: rig.model.origin, region: 'us-east-1' };
  const npm = '@ai-sdk/amazon-bedrock';
  const keyed = await runWith({ npm, options: { ...options, apiKey } });
  expect(keyed.vendors).toEqual(['@smithy']);
  const found = { AWS_ACCESS_KEY_ID: 'AKIATEST', AWS_SECRET_ACCESS_KEY: 'of-a-test' };
  const signed = await runWith({ npm, options }, found);
  expect(signed.vendors).toEqual(['@aws-sdk', '@smithy']);
  expect(signed.files.length).toBeGreaterThan(keyed.files.length);
});

test('ways to all models are worked out without any SDK', async () => {
  const variables = {
    ANTHROPIC_API_KEY: 'a',
    OPENAI_API_KEY: 'b',
    GEMINI_API_KEY: 'c',
    AWS_REGION: 'us-east-1',
  };
  expect(await loadedBy(['models'], { ...variables, AWS_BEARER_TOKEN_BEDROCK: 'd' })).toEqual([]);
});
