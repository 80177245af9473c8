import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const room = dirname(fileURLToPath(import.meta.url));
const imported = /(?:\bfrom\s+|\bimport\s*\(?\s*)['"]([^'"]+)['"]/g;
/** What the package would name as its dependencies. */
const dependencies = [
  'effect/Schema',
  'openai/client',
  '@anthropic-ai/sdk/core/streaming',
  '@google/genai/web',
  'google-auth-library',
  'eventsource-parser',
  '@aws-sdk/credential-provider-node',
  '@smithy/core/event-streams',
  '@smithy/core/checksum',
  '@smithy/signature-v4',
];
const testTools = ['vitest', 'fast-check'];

function sources(): readonly string[] {
  const names = readdirSync(room, { recursive: true, encoding: 'utf8' });
  return names.filter((name) => name.endsWith('.ts')).map((name) => join(room, name));
}

function foreign(file: string): readonly string[] {
  const isForTests = file.endsWith('.test.ts') || relative(room, file).startsWith('testing');
  const allowed = isForTests ? [...dependencies, ...testTools] : dependencies;
  const names = [...readFileSync(file, 'utf8').matchAll(imported)].flatMap(([, name]) => name ?? []);
  return names.filter((name) => {
    if (name.startsWith('.')) return relative(room, resolve(dirname(file), name)).startsWith('..');
    return !name.startsWith('node:') && !allowed.includes(name);
  });
}

test('no file of the package imports anything outside it but its dependencies (LM-13)', () => {
  expect(sources().length).toBeGreaterThan(20);
  const leaks = sources().flatMap((file) => foreign(file).map((name) => `${relative(room, file)}: ${name}`));
  expect(leaks).toEqual([]);
});

test('wire fields are named in the protocols alone (LM-06)', () => {
  const wireFields =
    /\b(tool_calls|finish_reason|reasoning_content|prompt_tokens|max_completion_tokens|image_url|tool_use|stop_reason|cache_control|input_schema|function_call|output_index|encrypted_content)\b/;
  const outside = sources().map((file) => relative(room, file));
  const naming = outside.filter((name) => !/^(?:protocol|testing)|\.test\.ts$/.test(name));
  expect(naming.length).toBeGreaterThan(15);
  expect(naming.filter((name) => wireFields.test(readFileSync(join(room, name), 'utf8')))).toEqual([]);
});
