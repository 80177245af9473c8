import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as Schema from 'effect/Schema';
import { describe, expect, test } from 'vitest';
import { HostError } from '#shared/host-error.ts';
import { type BenchOptions, textOf, toolBench } from './testing/tool-bench.ts';
import { type AnyTool, defineTool, type PermissionNeed, type Tool, ToolFailure } from './tool.ts';

const Parameters = Schema.Struct({
  text: Schema.String,
  count: Schema.optionalKey(Schema.Int.check(Schema.isGreaterThanOrEqualTo(1))),
});
type Parameters = typeof Parameters.Type;

const need: PermissionNeed = {
  permission: 'echo',
  patterns: ['x'],
  always: [],
  subject: { type: 'call', input: 'x' },
};

/** A tool that gives back its text, so that each test says only what is different. */
function echo(different: Partial<Tool<Parameters>> = {}): AnyTool {
  return defineTool<Parameters>({
    id: 'echo',
    permissionKey: 'echo',
    description: 'Says it again.',
    parameters: Parameters,
    effects: true,
    title: ({ text }) => text,
    touches: () => Promise.resolve([]),
    permission: () => Promise.resolve([need]),
    execute: ({ text, count = 1 }) =>
      Promise.resolve({ output: text.repeat(count), title: 'echo', metadata: {} }),
    ...different,
  });
}

const benchOf = (tool: AnyTool, options: BenchOptions = {}) => toolBench({ ...options, tools: () => [tool] });

describe('what the model may call', () => {
  test('definitions are in one order, without hidden ones, the same bytes each time', () => {
    const { registry } = toolBench();
    const all = registry.definitions(() => false);
    expect(all.map(({ name }) => name)).toEqual(['edit', 'glob', 'grep', 'read', 'shell', 'write']);
    expect(JSON.stringify(registry.definitions(() => false))).toBe(JSON.stringify(all));
    const shown = registry.definitions((key) => key === 'edit');
    expect(shown.map(({ name }) => name)).toEqual(['glob', 'grep', 'read', 'shell']);
  });

  test('a tool that its turn was not shown does not even look at the file', async () => {
    const looked: string[] = [];
    const tool = echo({
      touches: () => Promise.resolve([...looked.splice(0), String(looked.push('touches'))]),
      permission: () => Promise.resolve([...(looked.push('permission') ? [need] : [])]),
    });
    const { call, asked } = benchOf(tool, { isHidden: (key) => key === 'echo' });
    expect(textOf(await call('echo', { text: 'a' }))).toMatch(/^denied: Denied: echo is not available/);
    expect([...looked, ...asked]).toEqual([]);
  });

  test('an unknown tool is answered with the tools that exist and the nearest name (TL-03)', async () => {
    const { call } = toolBench();
    expect(textOf(await call('Reed', {}))).toBe(
      'invalid: There is no tool named "Reed". Did you mean read? Tools: edit, glob, grep, read, shell, write.',
    );
    expect(textOf(await call('toString', {}))).toMatch(/^invalid: There is no tool named "toString"/);
  });

  test('wrong arguments are answered with every problem and the expected shape (TL-03)', async () => {
    const { call, asked } = benchOf(echo());
    expect(textOf(await call('echo', { count: 0 }))).toBe(
      'invalid: The arguments of echo are not valid: text: missing; count: expected a value greater than or equal to 1. ' +
        'Expected: echo { text: string, count?: integer }. Nothing was done; call it again.',
    );
    expect(asked).toEqual([]);
  });

  test('arguments that were not JSON are answered with their beginning (TL-03)', async () => {
    const { call } = benchOf(echo());
    const state = await call('echo', undefined, { input: { type: 'malformed', text: '{"text": "a' } });
    expect(state).toMatchObject({ status: 'error', failure: 'invalid', input: {} });
    expect(textOf(state)).toContain('They begin with "{\\"text\\": \\"a"');
    expect(textOf(await call('echo', [1]))).toContain('the arguments: expected object');
  });

  test('null stands for an argument that was left out', async () => {
    const { call } = benchOf(echo());
    expect(textOf(await call('echo', { text: 'a', count: null }))).toBe('a');
  });
});

describe('how a call settles', () => {
  test('a completed call has its input, output, title and times (RT-05)', async () => {
    const { call } = benchOf(echo());
    const state = await call('echo', { text: 'hi' });
    expect(state).toMatchObject({
      status: 'completed',
      input: { text: 'hi' },
      output: 'hi',
      title: 'echo',
      metadata: {},
    });
    expect(state.time.end).toBeGreaterThanOrEqual(state.time.start);
  });

  test('needs are asked one by one, and the first refusal ends it', async () => {
    let ran = false;
    const needs = ['a', 'b', 'c'].map((permission) => ({ ...need, permission }));
    const tool = echo({
      permission: () => Promise.resolve(needs),
      execute: () => {
        ran = true;
        return Promise.reject(new Error('must not run'));
      },
    });
    const { call, asked } = benchOf(tool, {
      answer: ({ permission }) =>
        Promise.resolve(
          permission === 'b'
            ? { type: 'denied', rule: { permission: 'b', pattern: '*', action: 'deny' } }
            : { type: 'allowed' },
        ),
    });
    const state = await call('echo', { text: 'x' });
    expect(state).toMatchObject({ status: 'error', failure: 'denied' });
    expect(textOf(state)).toContain('by the rule "b *: deny"');
    expect(asked.map(({ permission }) => permission)).toEqual(['a', 'b']);
    expect(ran).toBe(false);
  });

  test("a user's refusal is no failure of the tool, and their words go to the model", async () => {
    const { call } = benchOf(echo(), {
      answer: () => Promise.resolve({ type: 'rejected', message: 'not on Fridays' }),
    });
    const state = await call('echo', { text: 'x' });
    expect(state).toMatchObject({ failure: 'rejected' });
    expect(textOf(state)).toContain('The user says: not on Fridays');
  });

  test('a failure is a letter, a domain error too; a defect is logged and says nothing of itself', async () => {
    const errors = [
      new ToolFailure('try the other one', { count: 3 }),
      new HostError('file.no-space', 'The disk is full.'),
      new TypeError('secret detail'),
    ];
    const { call, logged } = benchOf(echo({ execute: () => Promise.reject(errors.shift()) }));
    expect(await call('echo', { text: '' })).toMatchObject({
      failure: 'failed',
      error: 'try the other one',
      metadata: { count: 3 },
    });
    expect(await call('echo', { text: '' })).toMatchObject({ failure: 'failed', error: 'The disk is full.' });
    expect(logged).toEqual([]);
    expect(textOf(await call('echo', { text: '' }))).not.toContain('secret');
    expect(logged.join()).toContain('secret detail');
  });

  test('an interrupted call settles as interrupted, told whether it had begun', async () => {
    const begun = Promise.withResolvers<void>();
    const tool = echo({
      execute: (_, { signal }) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason));
          begun.resolve();
        }),
    });
    const { call } = benchOf(tool);
    const stop = new AbortController();
    const running = call('echo', { text: 'x' }, { signal: stop.signal });
    await begun.promise;
    stop.abort(new Error('stop'));
    expect(await running).toMatchObject({
      failure: 'interrupted',
      error: expect.stringContaining('may have taken effect'),
    });
    const late = await call('echo', { text: 'x' }, { signal: stop.signal });
    expect(late).toMatchObject({
      failure: 'interrupted',
      error: expect.stringContaining('nothing was done'),
    });
  });

  test('an interrupted call keeps what the tool tells of what it left behind (TL-07)', async () => {
    const stop = new AbortController();
    const tool = echo({
      execute: () => {
        stop.abort(new Error('stop'));
        return Promise.reject(new ToolFailure('Ended.', { outputPath: '/output/call.txt' }));
      },
    });
    expect(await benchOf(tool).call('echo', { text: 'x' }, { signal: stop.signal })).toMatchObject({
      failure: 'interrupted',
      error: expect.stringContaining('may have taken effect'),
      metadata: { outputPath: '/output/call.txt' },
    });
  });

  test('a call that waits for an answer is interrupted without effect', async () => {
    const asked = Promise.withResolvers<void>();
    const { call } = benchOf(echo({ execute: () => Promise.reject(new Error('must not run')) }), {
      answer: (_need, _call, signal) => {
        asked.resolve();
        return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
      },
    });
    const stop = new AbortController();
    const running = call('echo', { text: 'x' }, { signal: stop.signal });
    await asked.promise;
    stop.abort(new Error('stop'));
    expect(textOf(await running)).toBe(
      'interrupted: The call was interrupted before it began; nothing was done.',
    );
  });

  test('a tool with effects waits until its start is durable, and does not run when that fails', async () => {
    const order: string[] = [];
    const tool = echo({
      execute: ({ text }) => {
        order.push('run');
        return Promise.resolve({ output: text, title: '', metadata: {} });
      },
    });
    const { call } = benchOf(tool);
    const durable = Promise.withResolvers<void>();
    const running = call(
      'echo',
      { text: 'x' },
      {
        onStarted: async (state) => {
          order.push(`${state.status} ${state.title}`);
          await durable.promise;
          order.push('durable');
        },
      },
    );
    await Promise.resolve();
    durable.resolve();
    await running;
    expect(order).toEqual(['running x', 'durable', 'run']);
    const lost = call('echo', { text: 'x' }, { onStarted: () => Promise.reject(new Error('no disk')) });
    await expect(lost).rejects.toThrow('no disk');
    expect(order).toHaveLength(3);
  });

  test('progress is bounded before anybody sees it (TL-08)', async () => {
    const tool = echo({
      execute: (_, { progress }) => {
        progress({ tail: 'é'.repeat(10_000) });
        return Promise.resolve({ output: '', title: '', metadata: {} });
      },
    });
    const { call, progress } = benchOf(tool);
    await call('echo', { text: '' });
    expect(Buffer.byteLength(progress[0]?.tail ?? '')).toBe(4_096);
  });
});

describe('bounds and managed output', () => {
  const long = Array.from({ length: 5_000 }, (_, index) => `line ${index}\n`).join('');

  test('a long output is bounded, and the whole is in a file that only the user reads (RT-06, TL-04)', async () => {
    const { call, outputFolder } = benchOf(echo());
    const state = await call('echo', { text: long }, { callID: '../../call:1' });
    const path = join(outputFolder, '-call-1.txt');
    expect(state).toMatchObject({ status: 'completed', metadata: { truncated: true, outputPath: path } });
    const output = textOf(state);
    expect(output.split('\n').length).toBeLessThan(2_005);
    expect(output).toMatch(/^line 0\n/);
    expect(output).toMatch(/line 4999\n$/);
    expect(output).toContain(`… 3000 lines (30000 bytes) left out; the whole output is in ${path}: `);
    expect(readFileSync(path, 'utf8')).toBe(long);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(outputFolder).mode & 0o777).toBe(0o700);
  });

  test('the kept file can be read and searched without a question (TL-05)', async () => {
    const bench = toolBench();
    bench.file('big.txt', long);
    const kept = await bench.world.output.keep('c', long);
    if (kept.type !== 'kept') throw new Error('not kept');
    expect(textOf(await bench.call('read', { filePath: kept.path, offset: 4_000, limit: 1 }))).toContain(
      '4000: line 3999',
    );
    expect(textOf(await bench.call('grep', { pattern: 'line 4321$', path: kept.path }))).toContain(
      'Line 4322',
    );
    expect(bench.asked.filter(({ permission }) => permission === 'external_directory')).toEqual([]);
  });

  test('the same call id twice overwrites nothing', async () => {
    const { world, outputFolder } = toolBench();
    await world.output.keep('call_1', 'one');
    await world.output.keep('call_1', 'two');
    expect(readdirSync(outputFolder).sort()).toEqual(['call_1-2.txt', 'call_1.txt']);
    expect(readFileSync(join(outputFolder, 'call_1.txt'), 'utf8')).toBe('one');
  });

  test('a call stays successful when its whole output cannot be kept, and the loss is recorded (TL-07)', async () => {
    const { call, outputFolder, logged } = benchOf(echo());
    writeFileSync(outputFolder, 'a file in the place of the folder');
    const state = await call('echo', { text: long });
    expect(state).toMatchObject({ status: 'completed', metadata: { truncated: true, outputLost: true } });
    expect(textOf(state)).toContain('the whole output could not be kept');
    expect(logged.join()).toContain('tool output could not be kept');
    rmSync(outputFolder);
  });

  test('letters and shown diffs are bounded too (TL-04, TL-08)', async () => {
    const { call } = benchOf(
      echo({ execute: () => Promise.reject(new ToolFailure(long, { diff: long.repeat(5) })) }),
    );
    const state = await call('echo', { text: '' });
    expect(state.status === 'error' && Buffer.byteLength(state.error)).toBeLessThan(52_000);
    expect(state.metadata?.diff?.length).toBeLessThan(66_000);
  });

  test('bounds can be set, and what a tool bounded itself keeps room for its frame (TL-04)', async () => {
    const { call } = benchOf(echo(), { bounds: { maxLines: 4, maxBytes: 1_000 } });
    expect(textOf(await call('echo', { text: 'x\n', count: 6 }))).toMatch(
      /^x\nx\n… 2 lines \(4 bytes\) left out; .* …\nx\nx\n$/,
    );
    const framed = echo({
      execute: ({ text }) => Promise.resolve({ output: text, title: '', metadata: {}, bounded: true }),
    });
    const other = benchOf(framed, { bounds: { maxLines: 4, maxBytes: 1_000 } });
    expect(textOf(await other.call('echo', { text: 'x\n'.repeat(6) }))).toBe('x\n'.repeat(6));
    expect(textOf(await other.call('echo', { text: 'x\n'.repeat(600) }))).toContain('left out');
  });

  test('half a surrogate pair does not reach history', async () => {
    const { call } = benchOf(echo());
    expect(textOf(await call('echo', { text: 'a\uD800b' }))).toBe('a\uFFFDb');
  });
});

describe('order of calls', () => {
  test('calls on the same file run in their order, others do not wait (TL-18)', async () => {
    const gates = new Map(['a1', 'a2', 'b1'].map((name) => [name, Promise.withResolvers<void>()]));
    const began: string[] = [];
    const tool = echo({
      touches: async ({ text }) => {
        // Whose file is found out later still comes in its order.
        if (text === 'a1') await new Promise((resolve) => setImmediate(resolve));
        return [text.slice(0, 1)];
      },
      execute: async ({ text }) => {
        began.push(text);
        await gates.get(text)?.promise;
        return { output: text, title: '', metadata: {} };
      },
    });
    const { call } = benchOf(tool);
    const [first, second, other] = ['a1', 'a2', 'b1'].map((text) => call('echo', { text }));
    gates.get('b1')?.resolve();
    await other;
    expect(began).toEqual(['a1', 'b1']);
    gates.get('a1')?.resolve();
    await first;
    gates.get('a2')?.resolve();
    await second;
    expect(began).toEqual(['a1', 'b1', 'a2']);
  });

  test('a call that is interrupted while it waits for its turn lets the next one through, in order (TL-18)', async () => {
    const gate = Promise.withResolvers<void>();
    const began: string[] = [];
    const tool = echo({
      touches: () => Promise.resolve(['same']),
      execute: async ({ text }) => {
        began.push(text);
        if (text === 'first') await gate.promise;
        return { output: text, title: '', metadata: {} };
      },
    });
    const { call } = benchOf(tool);
    const stop = new AbortController();
    const first = call('echo', { text: 'first' });
    const second = call('echo', { text: 'second' }, { signal: stop.signal });
    const third = call('echo', { text: 'third' });
    stop.abort(new Error('stop'));
    expect(await second).toMatchObject({ failure: 'interrupted' });
    expect(began).toEqual(['first']);
    gate.resolve();
    await Promise.all([first, third]);
    expect(began).toEqual(['first', 'third']);
  });

  test('no more calls run at once than there are places (TL-18)', async () => {
    let running = 0;
    let most = 0;
    const tool = echo({
      execute: async ({ text }) => {
        most = Math.max(most, ++running);
        await new Promise((resolve) => setImmediate(resolve));
        running--;
        return { output: text, title: '', metadata: {} };
      },
    });
    const { call } = benchOf(tool, { parallel: 3 });
    await Promise.all(Array.from({ length: 20 }, () => call('echo', { text: 'x' })));
    expect(most).toBe(3);
  });
});

test('nothing is left open or behind in the output folder by calls with short outputs', async () => {
  const { call, outputFolder } = benchOf(echo());
  await call('echo', { text: 'short' });
  expect(existsSync(outputFolder)).toBe(false);
});
