import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { install, pack, packageName } from './testing/pack.ts';

// The package as others get it: packed from this folder alone, installed into an empty one, run there.

const run = promisify(execFile);
const named = (file: string): string => JSON.stringify(`${packageName}/${file}`);
const modelServer = resolve(import.meta.dirname, '../../test-fixtures/model-server/main.ts');

let root: string;
let folder: string;
let dependencies: readonly string[];

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'millrace-packed-'));
  folder = join(root, 'empty');
  await mkdir(join(root, 'package'));
  await mkdir(folder);
  dependencies = await install(await pack(join(root, 'package')), folder);
  await writeFile(join(folder, 'note.txt'), 'The number is 42.\n');
  await writeFile(join(folder, 'package.json'), '{"type":"module"}');
});
afterAll(() => rm(root, { recursive: true, force: true }));

const call = { name: 'read_file', arguments: { path: 'note.txt' } };
const script = {
  model: 'scripted',
  turns: [
    { when: { user: 'note', step: 0 }, reply: [{ tool: call.name, input: call.arguments }] },
    { when: { step: 1, toolResult: 'is 42' }, reply: [{ text: 'It says 42.' }] },
    {
      when: { tools: false, user: 'what does the note say' },
      reply: [
        { text: `<think>\nHm.\n</think>\n\n<tool_call>\n${JSON.stringify(call)}\n</tool_call>`, chunks: 20 },
      ],
    },
    { when: { tools: false, user: 'is 42' }, reply: [{ text: 'It says 42, too.' }] },
  ],
};

/** The scripted provider as a process of its own; gives its address. */
async function startModel(): Promise<string> {
  const file = join(root, 'script.jsonc');
  await writeFile(file, JSON.stringify(script));
  const server = spawn(process.execPath, [modelServer, '--script', file, '--until-stdin-closes']);
  onTestFinished(async () => {
    const closed = once(server, 'close');
    server.stdin.end();
    await closed;
  });
  const [line] = await once(createInterface(server.stdout), 'line');
  const { url } = JSON.parse(String(line)) as { readonly url: string };
  return url;
}

async function ask(
  ...extra: readonly string[]
): Promise<{ readonly stdout: string; readonly stderr: string }> {
  const program = join('node_modules', packageName, 'dist/example/ask.js');
  const question = ['--url', await startModel(), '--model', 'scripted', ...extra, 'What does the note say?'];
  return run(process.execPath, [program, ...question], { cwd: folder });
}

test('the example answers from an empty folder, with the tools that it brings (LM-13, LM-15)', async () => {
  const { stdout, stderr } = await ask();
  expect(stdout).toBe('It says 42.\n');
  expect(stderr).toContain('read_file {"type":"json","value":{"path":"note.txt"}}');
});

test('the example answers with a model that calls in its text (LM-12, LM-13)', async () => {
  const { stdout, stderr } = await ask('--calls', 'text');
  expect(stdout.trim()).toBe('It says 42, too.');
  expect(stderr).toContain('read_file {"type":"json","value":{"path":"note.txt"}}');
});

test('the package is imported by its name, with its dependencies and nothing else beside it (LM-13)', async () => {
  expect(dependencies).toEqual(expect.arrayContaining(['effect', 'openai']));
  const owners = new Set(dependencies.map((name) => name.split('/')[0]));
  expect((await readdir(join(folder, 'node_modules'))).sort()).toEqual([...owners, packageName].sort());
  const program = `
    import { defineTool } from ${named('dispatch/tool.js')};
    import { runTools } from ${named('dispatch.js')};
    import { openaiCompatible } from ${named('providers/openai-compatible.js')};
    import { createLLM } from ${named('route.js')};
    const read = defineTool({
      name: 'read_file',
      description: 'Reads.',
      parameters: { type: 'object', properties: { path: { type: 'string' } }, required: ['path'] },
      execute: ({ path }) => \`\${path} is 42\`,
    });
    const { messages, end } = await runTools(
      createLLM(openaiCompatible({ baseURL: process.argv[2] })),
      { model: 'scripted', system: [], messages: [{ type: 'user', content: [{ type: 'text', text: 'The note?' }] }], generation: {} },
      { tools: [read], signal: AbortSignal.timeout(30_000) },
    );
    console.log(JSON.stringify([end.type, messages.map(({ type }) => type)]));
  `;
  await writeFile(join(folder, 'use.js'), program);
  const { stdout } = await run(process.execPath, ['use.js', await startModel()], { cwd: folder });
  expect(JSON.parse(stdout)).toEqual(['finished', ['user', 'assistant', 'tool-result', 'assistant']]);
});

test('the packed types are whole: a program that uses them compiles, one that misuses them does not (LM-13)', async () => {
  const use = (parameter: string): string => `
    import * as Schema from 'effect/Schema';
    import { defineTool } from ${named('dispatch/tool.js')};
    export const tool = defineTool({
      name: 'add',
      description: 'Adds.',
      parameters: Schema.Struct({ a: Schema.Finite }),
      execute: ({ ${parameter} }) => ${parameter} + 1,
    });
  `;
  const compile = async (name: string, text: string): Promise<unknown> => {
    await writeFile(join(folder, name), text);
    const options = ['--noEmit', '--strict', '--skipLibCheck', '--module', 'nodenext', '--target', 'es2024'];
    const tsc = resolve(import.meta.dirname, '../../node_modules/.bin/tsc');
    return run(tsc, [...options, '--ignoreConfig', name], { cwd: folder });
  };
  await compile('right.ts', use('a'));
  await expect(compile('wrong.ts', use('b'))).rejects.toMatchObject({
    stdout: expect.stringContaining("'b'"),
  });
});
