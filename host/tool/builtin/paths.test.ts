import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { createAuthority } from '../../location/authority.ts';
import { ownRows, type PathRow, sharedRows, stage } from '../../location/testing/path-rows.ts';
import { nodeFiles } from '../../node/files.ts';
import { textOf, toolBench } from '../testing/tool-bench.ts';

interface Entry {
  readonly tool: string;
  readonly input: (path: string) => Readonly<Record<string, unknown>>;
}

/** Every way into the file system that a model has, by what the row wants to do. */
const entries: Readonly<Record<PathRow['op'], readonly Entry[]>> = {
  read: [
    { tool: 'read', input: (filePath) => ({ filePath }) },
    { tool: 'glob', input: (path) => ({ pattern: '*', path }) },
    { tool: 'grep', input: (path) => ({ pattern: 'SECRET', path }) },
    { tool: 'shell', input: (workdir) => ({ command: 'cat *', workdir }) },
  ],
  write: [
    { tool: 'write', input: (filePath) => ({ filePath, content: 'planted' }) },
    { tool: 'edit', input: (filePath) => ({ filePath, oldString: 'TOP', newString: 'planted' }) },
  ],
  glob: [{ tool: 'glob', input: (pattern) => ({ pattern }) }],
  patch: [],
};

const rows = [...ownRows, ...sharedRows()].filter(
  ({ platform }) => platform === 'linux' || platform === 'any',
);

for (const row of rows) {
  for (const { tool, input } of entries[row.op]) {
    test(`${row.id} through ${tool}: what is ${row.expect} is not reached unasked (TL-05)`, async () => {
      const scene = stage(row);
      const environment = { homeDirectory: '/home/nobody' };
      const authority = createAuthority({
        root: scene.root,
        extraRoots: [],
        files: nodeFiles,
        environment,
        platform: 'linux',
      });
      const asked: { readonly permission: string; readonly floor?: string }[] = [];
      const { call } = toolBench({
        world: { authority },
        answer: (need) => {
          asked.push(need);
          // Everything is allowed but leaving the Location and what is protected: no rule of a user does more.
          const refused = need.permission === 'external_directory' || need.floor !== undefined;
          return Promise.resolve(refused ? { type: 'denied' } : { type: 'allowed' });
        },
      });
      // What may be written must have been read.
      if (row.op === 'write' && row.expect !== 'invalid') await call('read', { filePath: scene.input });
      const state = await call(tool, input(scene.input));
      const text = textOf(state);

      // Another name of a file outside is a file inside: reading it is no escape.
      if (row.expect !== 'inside') expect(text).not.toContain('TOP SECRET');
      expect(text).not.toContain('root:x:');
      expect(readFileSync(join(scene.outside, 'secret.txt'), 'utf8')).toBe('TOP SECRET\n');
      expect(readdirSync(scene.outside)).toEqual(['secret.txt']);
      if (row.expect === 'inside') {
        expect(
          asked.filter(({ permission, floor }) => permission === 'external_directory' || floor !== undefined),
        ).toEqual([]);
      } else {
        // Not found or not a folder is an answer too: nothing was reached.
        expect(state.status).toBe('error');
      }
      if (row.expect === 'invalid') expect(asked).toEqual([]);
      if (tool === 'write') expect(state.status).toBe(row.expect === 'inside' ? 'completed' : 'error');
      if (tool === 'write' && row.expect === 'protected') expect(asked.at(-1)?.floor).toBeDefined();
      if (tool === 'write' && row.expect === 'external')
        expect(asked.at(-1)?.permission).toBe('external_directory');
      expect(existsSync(`${scene.root}-evil/planted`)).toBe(false);
      rmSync(dirname(scene.root), { recursive: true });
    });
  }
}
