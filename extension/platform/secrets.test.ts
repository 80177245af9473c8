import { expect, test } from 'vitest';
import { createSecrets } from './secrets.ts';

test('the editor’s secret storage answers the port, and tells changes until nobody listens (LM-08)', async () => {
  const values = new Map<string, string>();
  const listeners = new Set<(event: { readonly key: string }) => void>();
  const storage = {
    get: async (key: string) => values.get(key),
    async store(key: string, value: string) {
      values.set(key, value);
      for (const listener of listeners) listener({ key });
    },
    async delete(key: string) {
      values.delete(key);
    },
    onDidChange(listener: (event: { readonly key: string }) => void) {
      listeners.add(listener);
      return { dispose: () => listeners.delete(listener) };
    },
  };
  const locked: string[] = [];
  const secrets = createSecrets(storage, async (name) => {
    locked.push(name);
    return { [Symbol.dispose]: () => undefined };
  });
  const told: string[] = [];
  {
    using _listening = secrets.onDidChange((key) => told.push(key));
    await secrets.set('one', 'first');
  }
  await secrets.set('two', 'second');
  expect(told).toEqual(['one']);
  expect(await secrets.get('two')).toBe('second');
  await secrets.delete('two');
  expect(await secrets.get('two')).toBeUndefined();
  using _held = await secrets.lock('one', new AbortController().signal);
  expect(locked).toEqual(['one']);
});
