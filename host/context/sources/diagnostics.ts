import * as Schema from 'effect/Schema';
import type { FileDiagnostics } from '../../ports/workspace-view.ts';
import { type ContextSource, defineSource } from '../context-source.ts';
import { oneLine } from '../one-line.ts';
import type { SourceWorld } from '../source-world.ts';

const Diagnostics = Schema.Struct({
  /** The files with most errors, then with most warnings, relative to the Location. */
  files: Schema.Array(Schema.Struct({ path: Schema.String, errors: Schema.Int, warnings: Schema.Int })),
  /** How many files have any beside these. */
  more: Schema.Int,
});
type Diagnostics = typeof Diagnostics.Type;

const maxTold = 10;

/** How many errors and warnings the editor shows, by file: coarse, at promotions (decision 29). */
export function diagnosticsSource(world: Pick<SourceWorld, 'directory' | 'workspaceView'>): ContextSource {
  return defineSource<Diagnostics>({
    key: 'diagnostics',
    codec: Diagnostics,
    sampledAt: 'promotions',
    observe: async () => worstOf(await world.workspaceView.diagnostics(world.directory)),
    baseline: (value) => `Problems that the editor shows:\n${lines(value)}`,
    update: (value) => `Problems that the editor shows now:\n${lines(value)}`,
    removal: () => 'The editor shows no errors and warnings in the working folder any more.',
  });
}

function worstOf(all: readonly FileDiagnostics[]): Diagnostics | undefined {
  const found = all.filter(({ errors, warnings }) => errors + warnings > 0);
  if (found.length === 0) return undefined;
  const files = found
    .toSorted((a, b) => b.errors - a.errors || b.warnings - a.warnings || (a.path < b.path ? -1 : 1))
    .slice(0, maxTold)
    .map(({ path, errors, warnings }) => ({ path: oneLine(path), errors, warnings }));
  return { files, more: found.length - files.length };
}

function lines({ files, more }: Diagnostics): string {
  const told = files.map(({ path, errors, warnings }) => {
    const counts = [counted(errors, 'error'), counted(warnings, 'warning')].filter((text) => text !== '');
    return `- ${path}: ${counts.join(', ')}`;
  });
  return [...told, ...(more > 0 ? [`(and in ${more} more ${more === 1 ? 'file' : 'files'})`] : [])].join(
    '\n',
  );
}

function counted(count: number, noun: string): string {
  if (count === 0) return '';
  return count === 1 ? `1 ${noun}` : `${count} ${noun}s`;
}
