// A program that refreshes a kept sign-in once, to be raced by tests.
//
//     node refresher.ts FOLDER SERVER
//
// It opens the credentials that are kept in FOLDER, says `ready`, waits for a line on standard input, asks for a token
// and says it, or the code of the error.
import { once } from 'node:events';
import { openCredentials } from '#host/credential/credentials.ts';
import { deviceFlow } from '#host/credential/testing/test-flows.ts';
import { nodeClock } from '#host/node/clock.ts';
import { createLog } from '#host/node/log.ts';
import { secretFile } from '#host/node/secret-file.ts';
import { nodeEnvironment } from '#host/node/surroundings.ts';

const [folder = '', server = ''] = process.argv.slice(2);
const write = (line: string) => void process.stderr.write(`${line}\n`);
const credentials = await openCredentials({
  secrets: secretFile({ folder, onNotice: ({ code }) => write(code) }),
  clock: nodeClock,
  environment: nodeEnvironment('refresher'),
  fetch,
  browser: { open: () => Promise.resolve(false), asExternal: (address) => Promise.resolve(address) },
  log: createLog({ write, level: 'error', now: nodeClock.now }),
  flows: [deviceFlow(server)],
});
process.stdout.write('ready\n');
await once(process.stdin, 'data');
process.stdin.destroy();
process.stdout.write(`${await answer()}\n`);
await credentials[Symbol.asyncDispose]();

async function answer(): Promise<string> {
  const credential = credentials.of('acme');
  if (credential?.type !== 'auth' || credential.auth.type !== 'token') return 'nothing is kept';
  try {
    return await credential.auth.token(new AbortController().signal);
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error);
  }
}
