import { HostError } from '#shared/host-error.ts';
import type { ToolMetadata } from '#shared/part.ts';
import type { Log } from '../ports/log.ts';
import { type Bounds, excerpt, joinExcerpt } from './bounds.ts';
import { brokenOffLetter, defectLetter, interruptedLetter } from './letters.ts';
import type { ManagedOutput } from './managed-output.ts';
import type { SettledState } from './registry.ts';
import { ToolFailure, type ToolResult } from './tool.ts';
import { boundMetadata } from './tool-metadata.ts';

/** How a call went, before it is made fit for history. */
export type Outcome =
  | { readonly type: 'done'; readonly result: ToolResult }
  | { readonly type: 'invalid' | 'denied' | 'rejected'; readonly letter: string }
  | { readonly type: 'interrupted'; readonly started: boolean; readonly metadata?: ToolMetadata }
  | { readonly type: 'thrown'; readonly error: unknown; readonly tool: string };

export interface ProjectionWorld {
  readonly callID: string;
  readonly bounds: Bounds;
  readonly output: ManagedOutput;
  readonly log: Log;
}

type Completed = Omit<Extract<SettledState, { status: 'completed' }>, 'input' | 'time'>;
type Failed = Omit<Extract<SettledState, { status: 'error' }>, 'input' | 'time'>;

/** Makes Model Tool Output of an outcome: bounded, the whole kept beside it (TL-04, TL-07, TL-08). */
export async function projectOutcome(outcome: Outcome, world: ProjectionWorld): Promise<Completed | Failed> {
  switch (outcome.type) {
    case 'done':
      return complete(outcome.result, world);
    case 'invalid':
    case 'denied':
    case 'rejected':
      return fail(outcome.type, { letter: outcome.letter }, world);
    case 'interrupted': {
      const { started, metadata = {} } = outcome;
      return fail('interrupted', { letter: started ? brokenOffLetter : interruptedLetter, metadata }, world);
    }
    case 'thrown':
      return fail('failed', letterOf(outcome, world.log), world);
  }
}

async function complete(result: ToolResult, world: ProjectionWorld): Promise<Completed> {
  const bounded = await bound({ text: result.output, bounded: result.bounded === true }, world);
  const metadata = boundMetadata({ ...result.metadata, ...bounded.metadata });
  return { status: 'completed', output: bounded.text, title: result.title, metadata };
}

interface Letter {
  readonly letter: string;
  readonly metadata?: ToolMetadata;
}

async function fail(
  failure: Failed['failure'],
  { letter, metadata }: Letter,
  world: ProjectionWorld,
): Promise<Failed> {
  const bounded = await bound({ text: letter, bounded: false }, world);
  const facts = boundMetadata({ ...metadata, ...bounded.metadata });
  const hasFacts = Object.keys(facts).length > 0;
  return { status: 'error', error: bounded.text, failure, ...(hasFacts && { metadata: facts }) };
}

function letterOf({ error, tool }: Extract<Outcome, { type: 'thrown' }>, log: Log): Letter {
  if (error instanceof ToolFailure) return { letter: error.message, metadata: error.metadata };
  // A domain error says what happened, to what, and what to do next: that is a letter.
  if (error instanceof HostError) return { letter: error.message };
  log.error('a tool failed unexpectedly', error, { tool });
  return { letter: defectLetter };
}

interface Bounded {
  readonly text: string;
  readonly metadata: ToolMetadata;
}

async function bound(
  { text, bounded }: { readonly text: string; readonly bounded: boolean },
  { bounds, output, callID }: ProjectionWorld,
): Promise<Bounded> {
  const whole = text.toWellFormed();
  const cut = excerpt(whole, bounds, { bounded });
  if (cut === undefined) return { text: whole, metadata: {} };
  const kept = await output.keep(callID, whole);
  if (kept.type === 'lost') {
    const told = joinExcerpt(cut, 'the whole output could not be kept');
    return { text: told, metadata: { truncated: true, outputLost: true } };
  }
  const told = joinExcerpt(cut, `the whole output is in ${kept.path}: use grep or read with offset on it`);
  return { text: told, metadata: { truncated: true, outputPath: kept.path } };
}
