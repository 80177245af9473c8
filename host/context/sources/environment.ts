import * as Schema from 'effect/Schema';
import { type ContextSource, defineSource } from '../context-source.ts';
import { oneLine } from '../one-line.ts';
import { repositoryRoot } from '../repository.ts';
import type { SourceWorld } from '../source-world.ts';

const Environment = Schema.Struct({
  directory: Schema.String,
  platform: Schema.String,
  shell: Schema.String,
  surface: Schema.String,
  repository: Schema.Boolean,
});
type Environment = typeof Environment.Type;

/** No path is longer: one that was cut would be another folder. */
const maxPath = 4_096;

const platforms = { linux: 'Linux', darwin: 'macOS', win32: 'Windows' } as const;

/** What does not change while somebody works: the machine, the folder, the surface. */
export function environmentSource(world: SourceWorld): ContextSource {
  const { directory, environment, search, textFiles } = world;
  return defineSource<Environment>({
    key: 'environment',
    codec: Environment,
    async observe() {
      const [root, bash] = await Promise.all([
        repositoryRoot(directory, textFiles),
        search.program('bash', directory),
      ]);
      return {
        directory,
        platform: platforms[environment.platform],
        // What commands run in, whatever shell the user has (decision 6).
        shell: bash === undefined ? 'none' : 'bash',
        surface: environment.surface,
        repository: root !== undefined,
      };
    },
    baseline: tell,
    update: tell,
    removal: () => 'The working folder and the machine are not known any more.',
  });
}

function tell({ directory, platform, shell, surface, repository }: Environment): string {
  return [
    '<environment>',
    `Working folder: ${oneLine(directory, maxPath)}`,
    `Git repository: ${repository ? 'yes' : 'no'}`,
    `Platform: ${platform}`,
    `Shell: ${shell}`,
    `Surface: ${oneLine(surface)}`,
    '</environment>',
  ].join('\n');
}
