import type { AssistantMessage } from '#shared/message.ts';
import type { Part, ToolPart, ToolState } from '#shared/part.ts';
import type { MessageWithParts } from '#shared/session.ts';
import type {
  AssistantMessage as LLMAssistant,
  LLMMessage,
  Metadata,
  ToolCallContent,
} from '../../llm/schema.ts';

/** Which model will read the history: another model's reasoning and raw facts are not for it. */
export interface Reader {
  readonly providerID: string;
  readonly modelID: string;
}

/** Session History as the model core takes it: messages in order, every tool call with its result. */
export function toMessages(history: readonly MessageWithParts[], reader: Reader): readonly LLMMessage[] {
  return history.flatMap(({ info, parts }) =>
    info.role === 'user' ? userMessages(parts) : assistantMessages(info, parts, reader),
  );
}

function userMessages(parts: readonly Part[]): readonly LLMMessage[] {
  return parts.flatMap((part): LLMMessage[] => {
    if (part.type === 'text') return [{ type: 'user', content: [{ type: 'text', text: part.text }] }];
    return part.type === 'context' ? [{ type: 'system', text: part.text }] : [];
  });
}

function assistantMessages(
  info: AssistantMessage,
  parts: readonly Part[],
  reader: Reader,
): readonly LLMMessage[] {
  if (info.summary) return summaryMessages(parts);
  const own = info.providerID === reader.providerID && info.modelID === reader.modelID;
  const content = parts.flatMap((part) => contentOf(part, own));
  if (content.length === 0) return [];
  const results = parts.filter((part) => part.type === 'tool').map(toolResult);
  return [{ ...(own ? rawFacts(info.metadata) : {}), type: 'assistant', content }, ...results];
}

/** The summary stays the model's own words: as an answer, it has the weight of one, and not that of an instruction. */
function summaryMessages(parts: readonly Part[]): readonly LLMMessage[] {
  const text = parts.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('');
  return [
    { type: 'user', content: [{ type: 'text', text: summaryQuestion }] },
    { type: 'assistant', content: [{ type: 'text', text }] },
  ];
}

const summaryQuestion =
  'What came before was folded to save room. Sum up what it was about, what was done and what is next.';

/** Reasoning and the provider's own blocks are the writing model's; raw facts of anything are. */
function contentOf(part: Part, own: boolean): LLMAssistant['content'] {
  const facts = own && 'metadata' in part ? rawFacts(part.metadata) : {};
  switch (part.type) {
    case 'text':
      // An empty text may carry what has to go back.
      return part.text === '' && !('metadata' in facts) ? [] : [{ ...facts, type: 'text', text: part.text }];
    case 'reasoning':
      return own ? [{ ...facts, type: 'reasoning', text: part.text }] : [];
    case 'native':
      return own ? [{ type: 'native', metadata: part.metadata }] : [];
    case 'tool':
      return [toolCall(part, own)];
    default:
      return [];
  }
}

function toolCall(part: ToolPart, own: boolean): ToolCallContent {
  const { state } = part;
  const input = state.status === 'pending' && state.raw !== '' ? state.raw : state.input;
  return {
    ...(own ? rawFacts(part.metadata) : {}),
    type: 'tool-call',
    id: part.callID,
    name: part.tool,
    input,
  };
}

function rawFacts(metadata: Metadata | undefined): { metadata?: Metadata } {
  return metadata === undefined ? {} : { metadata };
}

function toolResult({ callID, tool, state }: ToolPart): LLMMessage {
  const isError = state.status !== 'completed';
  return { type: 'tool-result', callID, name: tool, output: outputOf(state), isError };
}

/** An old output leaves history, and the model is told so: an empty one would look like a result. */
function outputOf(state: ToolState): string {
  if (state.status === 'error') return state.error;
  if (state.status !== 'completed') return 'The call was interrupted before it had a result.';
  return state.time.compacted === undefined ? state.output : prunedOutput;
}

const prunedOutput = 'This output was removed to save room. Call the tool again if it is needed.';
