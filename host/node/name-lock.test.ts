import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { nameLock } from './name-lock.ts';

const { signal } = new AbortController();
let scopes = 0;
const newScope = () => `test ${process.pid} ${scopes++}`;

test('a name is held by one at a time, and goes to who waits as soon as it is free (LM-08)', async () => {
  const lock = nameLock(newScope());
  const order: number[] = [];
  let holders = 0;
  await Promise.all(
    [1, 2, 3, 4].map(async (number) => {
      using _held = await lock('one', signal);
      holders += 1;
      expect(holders).toBe(1);
      await new Promise(setImmediate);
      order.push(number);
      holders -= 1;
    }),
  );
  expect(order.toSorted()).toEqual([1, 2, 3, 4]);
});

test('who is connected to the holder already is told when it lets go (LM-08)', async () => {
  const lock = nameLock(newScope());
  const held = await lock('one', signal);
  const waiting = lock('one', signal);
  // Many turns of the loop: the connection is accepted in the first few.
  for (let turn = 0; turn < 100; turn++) await new Promise(setImmediate);
  held[Symbol.dispose]();
  using _next = await waiting;
});

test('names and scopes do not stand in each other’s way (LM-08)', async () => {
  const lock = nameLock(newScope());
  using _one = await lock('one', signal);
  using _two = await lock('two', signal);
  using _other = await nameLock(newScope())('one', signal);
});

test('an abort ends the wait with its reason, and a holder that is stuck is named (LM-08)', async () => {
  const scope = newScope();
  using _held = await nameLock(scope)('one', signal);
  const reason = new Error('enough');
  const giveUp = new AbortController();
  const waiting = nameLock(scope)('one', giveUp.signal);
  giveUp.abort(reason);
  await expect(waiting).rejects.toBe(reason);
  await expect(nameLock(scope)('one', AbortSignal.abort(reason))).rejects.toBe(reason);
  await expect(nameLock(scope, 20)('one', signal)).rejects.toMatchObject({
    code: 'secrets.busy',
    message: expect.stringContaining('“one”'),
  });
});

test('a process that is killed while it holds a name lets go of it (LM-08)', async () => {
  const scope = newScope();
  const program = resolve(import.meta.dirname, 'name-lock.ts');
  const script = `const { nameLock } = await import(${JSON.stringify(program)});
    await nameLock(${JSON.stringify(scope)})('one', new AbortController().signal);
    console.log('held'); setInterval(() => undefined, 1000);`;
  const holder = spawn(process.execPath, ['--input-type=module', '-e', script], {
    cwd: import.meta.dirname,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(holder.stdout, 'data');
  await expect(nameLock(scope, 20)('one', signal)).rejects.toMatchObject({ code: 'secrets.busy' });
  const waiting = nameLock(scope)('one', signal);
  holder.kill('SIGKILL');
  using _held = await waiting;
});
