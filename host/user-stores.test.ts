import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Notice } from '#shared/notice.ts';
import { type Host, openHost } from './host.ts';
import { tempFolder } from './location/testing/temp-folder.ts';
import { nodePorts } from './node/node-ports.ts';

function machine({ trusted = (): boolean => true } = {}) {
  const home = tempFolder('user-stores');
  const lines: string[] = [];
  const log = { write: (line: string) => lines.push(line), level: 'error' } as const;
  const node = nodePorts({ surface: 'test', isTrusted: trusted, log });
  const variable = (name: string) => (name.startsWith('XDG_') ? join(home, name) : undefined);
  const granted = new Set<() => void>();
  const onGranted = (listener: () => void) => {
    granted.add(listener);
    return { [Symbol.dispose]: () => void granted.delete(listener) };
  };
  const environment = { ...node.environment, homeDirectory: home, variable };
  const ports = { ...node, environment, trust: { isTrusted: trusted, onGranted } };
  const path = join(home, 'XDG_DATA_HOME/millrace/registry.json');
  return {
    home,
    lines,
    grant() {
      for (const listener of granted) listener();
    },
    folder(name: string) {
      mkdirSync(join(home, name));
      return join(home, name);
    },
    open(name: string, ...directories: readonly string[]): Promise<Host> {
      const { signal } = new AbortController();
      const storage = join(home, name);
      return openHost({ ports, storage, directories, ownership: 'take-over', version: 'test', signal });
    },
    entries(): readonly { readonly storage: string; readonly directory: string }[] {
      return JSON.parse(readFileSync(path, 'utf8')).stores;
    },
  };
}

test('a host enters the folders that it was opened on, and those that come later, each once', async () => {
  const { home, folder, open, entries, lines } = machine();
  const [first, second] = [folder('first'), folder('second')];
  const host = await open('store', first);
  await host.choices(second);
  await host.choices(second);
  await host[Symbol.asyncDispose]();
  const storage = join(home, 'store');
  expect(entries().map((each) => [each.storage, each.directory])).toEqual(
    expect.arrayContaining([
      [storage, first],
      [storage, second],
    ]),
  );
  expect(entries()).toHaveLength(2);
  expect(lines).toEqual([]);
});

test('a registry that cannot be written keeps no host from opening and closing, and is logged', async () => {
  const { home, folder, open, lines } = machine();
  writeFileSync(join(home, 'XDG_DATA_HOME'), 'a file');
  const host = await open('store', folder('first'));
  expect(await host.sessions.list()).toEqual([]);
  await host[Symbol.asyncDispose]();
  expect(lines.join('\n')).toContain('could not be entered into the registry');
});

/** Keeps a prompt in a store of its own, for each of the folders, and closes it. */
async function leaveSessions(opening: Promise<Host>, ...directories: readonly string[]): Promise<void> {
  await using host = await opening;
  const model = { providerID: '', modelID: '' };
  const prompt = { text: 'hello', delivery: 'steer', agent: 'build', model, resume: false } as const;
  for (const directory of directories) await host.sessions.prompt({ ...prompt, directory });
}

/** The data of the offer, once there is one of so many sessions. */
async function offerOf(host: Host, sessions: number) {
  const { promise, resolve } = Promise.withResolvers<Notice['data']>();
  const check = ({ code, data }: Notice) => {
    if (code === 'sessions.adoptable' && data['1'] === sessions) resolve(data);
  };
  using _events = host.subscribe((event) => {
    if (event.type === 'notice.raised') check(event.properties.notice);
  });
  host.notices().forEach(check);
  return await promise;
}

const slow = { timeout: 30_000 };

test('what is declined is not offered again, and its notice goes', slow, async () => {
  const { home, folder, open } = machine();
  const work = folder('work');
  await leaveSessions(open('old', work), work);
  const host = await open('new', work);
  const cleared: string[] = [];
  host.subscribe((event) => event.type === 'notice.cleared' && cleared.push(event.properties.key));
  await offerOf(host, 1);
  await host.declineAdoption(join(home, 'old'));
  expect(cleared).toEqual([`adoptable:${join(home, 'old')}`]);
  expect(await host.adoptable(work)).toEqual([]);
  await host[Symbol.asyncDispose]();
  await using again = await open('third', work);
  expect(await again.adoptable(work)).toEqual([]);
});

test('an offer tells of all the folders of a store that answering it is about', slow, async () => {
  const { home, folder, open } = machine();
  const [first, second] = [folder('first'), folder('second')];
  await leaveSessions(open('old', first, second), first, second);
  await using host = await open('new', first, second);
  expect(await offerOf(host, 2)).toMatchObject({ '0': `${first}, ${second}`, storage: join(home, 'old') });
  expect(await host.adopt(join(home, 'old'))).toBe(2);
  const copied = await host.sessions.list();
  expect(copied.map(({ directory }) => directory).sort()).toEqual([first, second]);
});

test('nothing is offered for a folder until it is trusted', slow, async () => {
  let trusted = false;
  let asked = Promise.withResolvers<void>();
  const isTrusted = () => {
    asked.resolve();
    return trusted;
  };
  const { folder, open, grant } = machine({ trusted: isTrusted });
  const work = folder('work');
  await leaveSessions(open('old', work), work);
  asked = Promise.withResolvers<void>();
  await using host = await open('new', work);
  // The opening has looked, and was told no.
  await asked.promise;
  expect(host.notices()).toEqual([]);
  trusted = true;
  grant();
  expect(await offerOf(host, 1)).toMatchObject({ '0': work });
});
