import { readdir, readFile, realpath } from 'node:fs/promises';
import { isAbsolute, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import * as Schema from 'effect/Schema';
import { defineTool } from '../dispatch/tool.ts';
import { type RunEvent, runTools } from '../dispatch.ts';
import { openaiCompatible } from '../providers/openai-compatible.ts';
import { createLLM } from '../route.ts';
import { withTextCalls } from '../text-calls.ts';
import { withThinkTags } from '../think-tags.ts';

/**
 * Asks a model about the files of the current folder:
 * `node ask.ts --url http://127.0.0.1:11434/v1 --model qwen3 [--calls text] "What is in this folder?"`.
 * `--calls text` is for models that cannot call tools through the API. The answer goes to standard output, what was
 * called to standard error.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { url: { type: 'string' }, model: { type: 'string' }, calls: { type: 'string', default: 'api' } },
});

const folder = await realpath('.');

const listFiles = defineTool({
  name: 'list_files',
  description: 'Names of the files in the folder.',
  parameters: { type: 'object', properties: {} },
  execute: async () => (await readdir(folder)).join('\n'),
});

const readTextFile = defineTool({
  name: 'read_file',
  description: 'Text of a file in the folder.',
  parameters: Schema.Struct({ path: Schema.String }),
  async execute({ path }, { signal }) {
    const file = await realpath(resolve(folder, path));
    const inside = relative(folder, file);
    if (inside.startsWith('..') || isAbsolute(inside)) throw new Error(`${path} is not in this folder.`);
    return readFile(file, { encoding: 'utf8', signal });
  },
});

function show(event: RunEvent): void {
  if (event.type === 'text.delta') process.stdout.write(event.text);
  if (event.type === 'tool.call') process.stderr.write(`${event.name} ${JSON.stringify(event.input)}\n`);
  if (event.type === 'error') process.stderr.write(`${event.error.message}\n`);
}

async function main(url: string, model: string): Promise<void> {
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort(new Error('interrupted')));
  const route = openaiCompatible({ baseURL: url });
  const protocol = withThinkTags(route.protocol);
  const llm = createLLM({ ...route, protocol: values.calls === 'text' ? withTextCalls(protocol) : protocol });
  const question = { type: 'user', content: [{ type: 'text', text: positionals.join(' ') }] } as const;
  const { end } = await runTools(
    llm,
    { model, system: ['Answer briefly.'], messages: [question], generation: {} },
    { tools: [listFiles, readTextFile], signal: stop.signal, onEvent: show },
  );
  process.stdout.write('\n');
  if (end.type !== 'finished') process.exitCode = 1;
}

const { url, model } = values;
if (url === undefined || model === undefined || positionals.length === 0) {
  process.stderr.write('Usage: ask --url ADDRESS --model NAME [--calls text] QUESTION\n');
  process.exitCode = 2;
} else await main(url, model);
