import { setImmediate } from 'node:timers/promises';
import { createLLM } from '#host/llm/route.ts';
import { requestTo, says } from './talk.ts';
import { ways } from './ways.ts';

/**
 * Listens to one answer of a server and prints what it held of it, as JSON: `node --expose-gc flat-child.ts PROTOCOL
 * ORIGIN`. Memory is looked at after each tenth of the 4 KB pieces that are to come.
 */
const [protocol, origin = '', pieces = '0'] = process.argv.slice(2);
const way = ways.find((each) => each.protocol === protocol);
if (way === undefined) throw new Error(`There is no protocol ${protocol}.`);

const llm = createLLM(way.routeTo(origin));
const every = Math.floor(Number(pieces) / 10);
const held: number[] = [];
let characters = 0;
let count = 0;
let last = '';
for await (const event of llm.stream(requestTo(way, [says('go')]), {
  signal: new AbortController().signal,
})) {
  last = event.type;
  if (event.type !== 'text.delta') continue;
  characters += event.text.length;
  count += 1;
  if (count % every === 0) held.push(await megabytes());
}
process.stdout.write(JSON.stringify({ characters, held, last }));

/** What is in use after the garbage is gone: objects, and bytes outside of them, which go a little later. */
async function megabytes(): Promise<number> {
  globalThis.gc?.();
  await setImmediate();
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 1024 / 1024;
}
