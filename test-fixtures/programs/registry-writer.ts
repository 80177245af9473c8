// A program that enters stores into the registry, to be raced by tests.
//
//     node registry-writer.ts STORAGE COUNT
//
// Enters COUNT folders of the store STORAGE, one change each. The registry lies in $XDG_DATA_HOME.
import { nodePorts } from '#host/node/node-ports.ts';
import { createRegistry } from '#host/registry/registry.ts';

const [storage = '', count = ''] = process.argv.slice(2);
const log = { write: (line: string) => void process.stderr.write(`${line}\n`), level: 'error' } as const;
const ports = nodePorts({ surface: 'writer', isTrusted: () => true, log });
const registry = createRegistry({ ...ports, onNotice: ({ code }) => log.write(code) });
const { signal } = new AbortController();

for (let number = 1; number <= Number(count); number++) {
  const entry = {
    storage,
    directory: `/folder/${number}`,
    identity: [],
    surface: 'writer',
    lastUsed: number,
  };
  await registry.enter([entry], signal);
}
