import type { MessageID, PartID, SessionID } from '#shared/ids.ts';
import { type AssistantMessage, noTokens, type UserMessage } from '#shared/message.ts';
import type { Part, ToolPart } from '#shared/part.ts';
import type { MessageWithParts } from '#shared/session.ts';

// Messages of a conversation, in few words, for what only looks at history.

const sessionID = 'ses_a' as SessionID;
const model = { providerID: 'p', modelID: 'm' };

/** A prompt of the user. */
export function typed(id: string, text = 'do it'): MessageWithParts {
  return { info: user(id), parts: [textPart(id, text)] };
}

/** A Mid-Conversation System Message. */
export function told(id: string): MessageWithParts {
  const part: Part = { ...base(id), type: 'context', text: 'news', sources: ['date'] };
  return { info: { ...user(id), synthetic: true }, parts: [part] };
}

/** An answer that ends a run. */
export function said(id: string, text = 'done'): MessageWithParts {
  return { info: assistant(id, { finish: 'stop' }), parts: [textPart(id, text)] };
}

/** A turn with one call that is settled, and wants another turn. */
export function call(id: string, output = 'out', part: Partial<ToolPart> = {}): MessageWithParts {
  const time = { start: 1, end: 2 };
  const input = { filePath: 'a.ts' };
  const state: ToolPart['state'] = { status: 'completed', input, output, title: '', metadata: {}, time };
  const made: ToolPart = { ...base(id), type: 'tool', callID: `call_${id}`, tool: 'read', state, ...part };
  return { info: assistant(id, { finish: 'tool-calls' }), parts: [made] };
}

export function summed(id: string, text = 'summary'): MessageWithParts {
  return { info: assistant(id, { finish: 'stop', summary: true }), parts: [textPart(id, text)] };
}

function user(id: string): UserMessage {
  return { id: id as MessageID, sessionID, role: 'user', time: { created: 0 }, agent: 'build', model };
}

function assistant(id: string, more: Partial<AssistantMessage>): AssistantMessage {
  return {
    id: id as MessageID,
    sessionID,
    role: 'assistant',
    parentID: 'u' as MessageID,
    ...model,
    agent: 'build',
    mode: 'build',
    path: { cwd: '/', root: '/' },
    cost: 0,
    tokens: noTokens,
    time: { created: 0, completed: 1 },
    ...more,
  };
}

function base(id: string) {
  return { id: `prt_${id}` as PartID, sessionID, messageID: id as MessageID };
}

function textPart(id: string, text: string): Part {
  return { ...base(id), type: 'text', text };
}
