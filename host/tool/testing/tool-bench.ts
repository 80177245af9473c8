import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as Schema from 'effect/Schema';
import { MessageID, SessionID } from '#shared/ids.ts';
import type { ToolMetadata } from '#shared/part.ts';
import { createAuthority } from '../../location/authority.ts';
import { tempFolder } from '../../location/testing/temp-folder.ts';
import { nodeClock } from '../../node/clock.ts';
import { nodeFiles } from '../../node/files.ts';
import { createLog } from '../../node/log.ts';
import { nodeProcesses } from '../../node/processes.ts';
import { nodeSearch } from '../../node/search.ts';
import { noDocuments, nodeEnvironment } from '../../node/surroundings.ts';
import type { Search } from '../../ports/search.ts';
import type { FileChange } from '../../snapshot/file-state.ts';
import { createKeptContents, type KeptContents } from '../../snapshot/kept-contents.ts';
import type { Bounds } from '../bounds.ts';
import { builtinTools } from '../builtin.ts';
import { createManagedOutput } from '../managed-output.ts';
import type { PermissionCall, PermissionOutcome } from '../permission-gate.ts';
import { createReadLedger } from '../read-ledger.ts';
import { createToolRegistry, type SettledState, type SettleOptions, type ToolCall } from '../registry.ts';
import { isSecretFile } from '../search/found-file.ts';
import type { AnyTool, PermissionNeed } from '../tool.ts';
import type { ToolWorld } from '../tool-world.ts';

export const sessionID = Schema.decodeUnknownSync(SessionID)('ses_1');
const messageID = Schema.decodeUnknownSync(MessageID)('msg_1');

export type Answer = (
  need: PermissionNeed,
  call: PermissionCall,
  signal: AbortSignal,
) => Promise<PermissionOutcome>;

export interface BenchOptions {
  readonly answer?: Answer;
  readonly world?: Partial<ToolWorld>;
  readonly tools?: (world: ToolWorld) => readonly AnyTool[];
  readonly bounds?: Bounds;
  readonly search?: Search;
  readonly parallel?: number;
  readonly isHidden?: (permissionKey: string) => boolean;
}

export interface ToolBench {
  /** A temporary Location, and a folder beside it. */
  readonly root: string;
  readonly outside: string;
  readonly outputFolder: string;
  readonly world: ToolWorld;
  readonly registry: ReturnType<typeof createToolRegistry>;
  /** Every need that was asked for, in order. */
  readonly asked: PermissionNeed[];
  readonly progress: ToolMetadata[];
  /** What calls have changed. */
  readonly changes: FileChange[];
  readonly kept: KeptContents;
  /** Lines of the log. */
  readonly logged: string[];
  file(path: string, content: string | Uint8Array): string;
  call(
    name: string,
    input: unknown,
    options?: Partial<SettleOptions> & Partial<ToolCall>,
  ): Promise<SettledState>;
}

/** Real tools on a real temporary folder; whoever asks is allowed, unless `answer` says otherwise. */
export function toolBench(options: BenchOptions = {}): ToolBench {
  const top = tempFolder('tool');
  const [root, outside, outputFolder] = [join(top, 'project'), join(top, 'outside'), join(top, 'output')];
  mkdirSync(root);
  mkdirSync(outside);
  const logged: string[] = [];
  const log = createLog({ write: (line) => logged.push(line), level: 'trace', now: () => 0 });
  const environment = nodeEnvironment('test');
  const base = { files: nodeFiles, environment, log };
  const kept = createKeptContents({ directory: join(top, 'blobs'), ...base });
  const world: ToolWorld = {
    ...base,
    kept,
    authority: createAuthority({ root, extraRoots: [outputFolder], platform: environment.platform, ...base }),
    documents: noDocuments,
    processes: nodeProcesses,
    search: options.search ?? nodeSearch({ ripgrepCandidates: [], path: process.env['PATH'] ?? '' }),
    ledger: createReadLedger(),
    output: createManagedOutput({ directory: outputFolder, ...base }),
    clock: nodeClock,
    mayRead: (patterns) => !patterns.some(isSecretFile),
    ...options.world,
  };
  const asked: PermissionNeed[] = [];
  const progress: ToolMetadata[] = [];
  const changes: FileChange[] = [];
  const allow: Answer = () => Promise.resolve({ type: 'allowed' });
  const registry = createToolRegistry({
    tools: (options.tools ?? builtinTools)(world),
    permission: {
      ...(options.isHidden && { isHidden: options.isHidden }),
      authorize: (need, call, signal) => {
        asked.push(need);
        return (options.answer ?? allow)(need, call, signal);
      },
    },
    output: world.output,
    clock: world.clock,
    log,
    ...(options.bounds && { bounds: options.bounds }),
    ...(options.parallel !== undefined && { parallel: options.parallel }),
  });
  let calls = 0;
  return {
    root,
    outside,
    outputFolder,
    world,
    registry,
    asked,
    progress,
    changes,
    kept,
    logged,
    file: (path, content) => {
      const full = join(root, path);
      mkdirSync(dirname(full), { recursive: true });
      writeFileSync(full, content);
      return full;
    },
    call: (name, input, { callID = `call_${++calls}`, ...rest } = {}) =>
      registry.settle(
        {
          callID,
          name,
          input: { type: 'json', value: input },
          sessionID,
          messageID,
          agent: 'build',
          ...rest,
        },
        {
          signal: new AbortController().signal,
          onProgress: (metadata) => progress.push(metadata),
          onChange: (change) => changes.push(change),
          ...rest,
        },
      ),
  };
}

/** The output of a call that completed, or the letter of one that did not. */
export function textOf(state: SettledState): string {
  return state.status === 'completed' ? state.output : `${state.failure}: ${state.error}`;
}
