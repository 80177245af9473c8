import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tempFolder } from '../location/testing/temp-folder.ts';
import { nodeTextFiles } from '../node/text-files.ts';
import { admitted } from './instruction-paths.ts';

const home = tempFolder('admitted');
const root = join(home, 'project');
mkdirSync(join(root, 'docs'), { recursive: true });
for (const path of ['mine.md', 'project/a.md', 'project/docs/b.md', 'project/x.env'])
  writeFileSync(join(home, path), path);
symlinkSync(join(home, 'mine.md'), join(root, 'out.md'));
symlinkSync('a.md', join(root, 'in.md'));
symlinkSync(root, join(home, 'link'));
symlinkSync('x.env', join(root, 'plain.md'));

const location = { root, realRoot: root, location: root, onForeign: () => undefined };
const place = (trusted: boolean) => ({ ...location, folders: [root], trusted });

/** Who may have what: `user` and `project`, each in a trusted and in an untrusted Location. */
test.for([
  ['project/a.md', ['user', 'project'], []],
  ['project/docs/b.md', ['user', 'project'], []],
  ['project/in.md', ['user', 'project'], []],
  ['project/out.md', [], []],
  ['project/x.env', [], []],
  ['project/plain.md', [], []],
  ['project/absent.md', [], []],
  ['mine.md', ['user'], ['user']],
  ['link/a.md', ['user', 'project'], []],
  ['link/out.md', [], []],
] as const)(
  '%s is given to %j where the folder is trusted, else to %j (QA-02)',
  async ([path, trusted, untrusted]) => {
    const givenTo = async (isTrusted: boolean) => {
      const asked = (['user', 'project'] as const).map(async (from) => {
        const file = await admitted({ from, path: join(home, path) }, place(isTrusted), nodeTextFiles);
        return file === undefined ? [] : [from];
      });
      return (await Promise.all(asked)).flat();
    };
    expect(await givenTo(true)).toEqual(trusted);
    expect(await givenTo(false)).toEqual(untrusted);
  },
);
