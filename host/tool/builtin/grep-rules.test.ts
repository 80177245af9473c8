import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openTestHost } from '../../testing/test-host.ts';

const script = {
  model: 'scripted',
  turns: [
    { when: { step: 0 }, reply: [{ tool: 'grep', input: { pattern: 'needle' } }] },
    { when: { step: 1 }, reply: [{ text: 'Done.' }] },
  ],
};

test('a search shows of each file what the rules of read allow its turn', async () => {
  const userConfig = { permission: { read: { 'hidden.txt': 'ask' } } };
  await using rig = await openTestHost({ script, userConfig });
  for (const name of ['open.txt', 'hidden.txt', '.env', '.ENV']) {
    await writeFile(join(rig.workspace, name), `needle of ${name}\n`);
  }
  const seen = JSON.stringify(await rig.run('search'));
  expect(seen).toContain('needle of open.txt');
  expect(seen).not.toMatch(/needle of (?:hidden\.txt|\.env)/i);
  expect(seen).toContain('3 files with secrets');
});
