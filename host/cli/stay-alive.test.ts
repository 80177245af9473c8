import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const run = promisify(execFile);
const at = (file: string) => JSON.stringify(new URL(file, import.meta.url).href);

/** A program whose only work is to wait for the host's clock. */
const waiting = `
  import { nodeClock } from ${at('../node/clock.ts')};
  import { stayAlive } from ${at('./stay-alive.ts')};
  const work = () => new Promise((resolve) => nodeClock.after(20, () => resolve('done')));
`;

test('a process stays until its work is done, and no longer (LM-08)', async () => {
  const start = (program: string) =>
    run(process.execPath, ['--input-type=module', '-e', `${waiting}${program}`]);
  const { stdout } = await start('console.log(await stayAlive(work()));');
  expect(stdout).toBe('done\n');
  // Node ends with 13 where nothing is left that it stays for.
  await expect(start('console.log(await work());')).rejects.toMatchObject({ code: 13 });
});
