import * as Schema from 'effect/Schema';
import type { MessageID, SessionID } from '#shared/ids.ts';
import { ErrorName, type MessageError, type MessageInfo, type ModelRef, noTokens } from '#shared/message.ts';
import { type JsonObject, type Part, ToolMetadata, type ToolState } from '#shared/part.ts';
import type { MessageWithParts } from '#shared/session.ts';
import { Assistant, Foreign, ForeignPart, type State, type Tokens, User } from './opencode-shapes.ts';
import { type DecodedFile, invalidFile } from './session-file.ts';

const decode = Schema.decodeUnknownResult(Foreign);
const decodeInfo = Schema.decodeUnknownOption(Schema.Union([User, Assistant]));
const decodePart = Schema.decodeUnknownOption(ForeignPart);
const decodeName = Schema.decodeUnknownOption(ErrorName);

/**
 * Reads the JSON of `opencode export`, `{ info, messages: [{ info, parts }] }`. What has no counterpart here is left out
 * and counted.
 * @throws HostError `import.invalid`
 */
export function fromOpenCode(file: unknown): DecodedFile {
  const decoded = decode(file);
  if (decoded._tag === 'Failure') throw invalidFile(decoded.failure.message);
  const { info, messages } = decoded.success;
  const read = messages.map(readMessage);
  const known = read.flatMap(({ message }) => (message ? [message] : []));
  const last = known.findLast((each) => each.info.role === 'user')?.info;
  const [title = '', created] = [info.title, Math.round(info.time.created)];
  const choice = last?.role === 'user' ? { agent: last.agent, model: last.model } : {};
  return {
    file: {
      format: 'millrace-session',
      version: 1,
      info: {
        id: info.id,
        directory: '',
        title,
        ...choice,
        version: `opencode ${info.version ?? ''}`.trim(),
        cost: known.reduce((sum, { info: { ...each } }) => sum + ('cost' in each ? each.cost : 0), 0),
        tokens: known.reduce((sum, each) => withTokens(sum, each.info), noTokens),
        time: { created, updated: Math.round(info.time.updated ?? info.time.created) },
      },
      messages: withParents(known),
      children: [],
    },
    dropped: read.reduce((sum, { dropped }) => sum + dropped, 0),
  };
}

function withTokens(sum: typeof noTokens, info: MessageInfo): typeof noTokens {
  if (info.role !== 'assistant') return sum;
  const { input, output, reasoning, cache } = info.tokens;
  return {
    input: sum.input + input,
    output: sum.output + output,
    reasoning: sum.reasoning + reasoning,
    cache: { read: sum.cache.read + cache.read, write: sum.cache.write + cache.write },
  };
}

/** An answer belongs to a prompt that stands before it. */
function withParents(messages: readonly MessageWithParts[]): readonly MessageWithParts[] {
  const users = new Set<string>();
  let last: MessageID | undefined;
  return messages.flatMap((message): MessageWithParts[] => {
    const { info } = message;
    if (info.role === 'user') {
      users.add(info.id);
      last = info.id;
      return [message];
    }
    const parentID = users.has(info.parentID) ? info.parentID : last;
    return parentID ? [{ ...message, info: { ...info, parentID } }] : [];
  });
}

interface ReadMessage {
  readonly message: MessageWithParts | undefined;
  readonly dropped: number;
}

/** A message with nothing in it that is known here is left out whole. */
function readMessage({
  info,
  parts,
}: {
  readonly info: unknown;
  readonly parts: readonly unknown[];
}): ReadMessage {
  const decoded = decodeInfo(info);
  if (decoded._tag === 'None') return { message: undefined, dropped: 1 + parts.length };
  const ours = infoOf(decoded.value);
  const known = parts.flatMap((part) => partOf(part, ours));
  const quiet = parts.filter(isBookkeeping).length;
  const dropped = parts.length - known.length - quiet;
  if (known.length === 0) return { message: undefined, dropped: dropped + 1 };
  return { message: { info: ours, parts: known }, dropped };
}

/** Marks of its own snapshots: they hold nothing of the conversation. */
function isBookkeeping(part: unknown): boolean {
  const type = typeof part === 'object' && part !== null && 'type' in part ? part.type : undefined;
  return type === 'step-start' || type === 'snapshot' || type === 'patch';
}

const placeholder = '' as SessionID;

function infoOf(info: typeof User.Type | typeof Assistant.Type): MessageInfo {
  const created = Math.round(info.time.created);
  const agent = info.agent ?? ('mode' in info ? info.mode : undefined) ?? 'build';
  const common = { id: info.id, sessionID: placeholder, agent };
  if (info.role === 'user') {
    const model: ModelRef = info.model ?? { providerID: '', modelID: '' };
    return { ...common, role: 'user', model, time: { created } };
  }
  return {
    ...common,
    role: 'assistant',
    parentID: info.parentID ?? ('' as MessageID),
    modelID: info.modelID ?? '',
    providerID: info.providerID ?? '',
    ...(info.variant === undefined ? {} : { variant: info.variant }),
    mode: agent,
    path: info.path ?? { cwd: '', root: '' },
    cost: info.cost ?? 0,
    tokens: whole(info.tokens),
    ...(info.finish === undefined ? {} : { finish: info.finish }),
    ...(info.error ? { error: errorOf(info.error) } : {}),
    time: { created, completed: Math.round(info.time.completed ?? info.time.created) },
  };
}

function whole(tokens: Tokens = noTokens): typeof noTokens {
  const { input, output, reasoning, cache } = tokens;
  return {
    input: Math.round(input),
    output: Math.round(output),
    reasoning: Math.round(reasoning),
    cache: { read: Math.round(cache.read), write: Math.round(cache.write) },
  };
}

function errorOf({ name, data }: { readonly name: string; readonly data?: JsonObject }): MessageError {
  const known = decodeName(name);
  const message = typeof data?.['message'] === 'string' ? data['message'] : '';
  return { name: known._tag === 'Some' ? known.value : 'UnknownError', data: { code: 'imported', message } };
}

function partOf(part: unknown, { id: messageID }: MessageInfo): Part[] {
  const decoded = decodePart(part);
  if (decoded._tag === 'None') return [];
  const { value } = decoded;
  const common = { id: value.id, sessionID: placeholder, messageID };
  switch (value.type) {
    case 'text': {
      const { type, text, synthetic } = value;
      return [{ ...common, type, text, ...(synthetic === undefined ? {} : { synthetic }) }];
    }
    case 'reasoning': {
      const start = Math.round(value.time?.start ?? 0);
      const time = { start, end: Math.round(value.time?.end ?? start) };
      return [{ ...common, type: 'reasoning', text: value.text, time }];
    }
    case 'tool':
      return [
        {
          ...common,
          type: 'tool',
          callID: value.callID,
          tool: ours(value.tool),
          state: stateOf(value.state),
        },
      ];
    case 'step-finish':
      return [
        {
          ...common,
          type: 'step-finish',
          reason: value.reason,
          cost: value.cost,
          tokens: whole(value.tokens),
        },
      ];
  }
}

/** Its name for the tool that runs commands. */
function ours(tool: string): string {
  return tool === 'bash' ? 'shell' : tool;
}

function stateOf({ status, input = {}, output, title, error, metadata, time }: typeof State.Type): ToolState {
  const start = Math.round(time?.start ?? 0);
  const ended = { start, end: Math.round(time?.end ?? start) };
  const facts = metadataOf(metadata);
  if (status === 'completed') {
    return { status, input, output: output ?? '', title: title ?? '', metadata: facts, time: ended };
  }
  return {
    status: 'error',
    input,
    error: error ?? 'The call was interrupted before it had a result.',
    failure: status === 'error' ? 'failed' : 'interrupted',
    metadata: facts,
    time: ended,
  };
}

const keys = ['additions', 'deletions', 'count', 'exit', 'diff', 'truncated'] as const;
const decodeMetadata = Schema.decodeUnknownOption(ToolMetadata);

/** What of its metadata means the same here. */
function metadataOf(metadata: unknown): ToolMetadata {
  if (typeof metadata !== 'object' || metadata === null) return {};
  const named = Object.fromEntries(
    Object.entries(metadata).filter(([key]) => keys.some((each) => each === key)),
  );
  const decoded = decodeMetadata(named);
  return decoded._tag === 'Some' ? decoded.value : {};
}
