import type { AssistantMessage, LLMMessage, ToolCallContent, ToolResultMessage } from '../schema.ts';

/** Which result belongs to which call of a conversation: the first one of that id after the call. */
export class ToolResults {
  readonly #byTurn = new Map<number, Map<string, ToolResultMessage>>();
  readonly #claimed = new Set<ToolResultMessage>();

  constructor(messages: readonly LLMMessage[]) {
    const open = new Map<string, number>();
    messages.forEach((message, position) => {
      if (message.type === 'assistant') for (const { id } of callsOf(message)) open.set(id, position);
      if (message.type === 'tool-result') this.#claim(message, open);
    });
  }

  /** The results of the calls in the assistant message at a position, by call id. */
  of(position: number): ReadonlyMap<string, ToolResultMessage> {
    return this.#byTurn.get(position) ?? new Map();
  }

  /** Its call is not in the conversation. */
  isOrphan(result: ToolResultMessage): boolean {
    return !this.#claimed.has(result);
  }

  #claim(result: ToolResultMessage, open: Map<string, number>): void {
    const position = open.get(result.callID);
    if (position === undefined) return;
    open.delete(result.callID);
    this.#claimed.add(result);
    const turnResults = this.#byTurn.get(position) ?? new Map<string, ToolResultMessage>();
    this.#byTurn.set(position, turnResults.set(result.callID, result));
  }
}

export function callsOf(message: AssistantMessage): readonly ToolCallContent[] {
  return message.content.filter((each) => each.type === 'tool-call');
}

/** For formats that have no flag for an error: the text says it. A call without a result would be refused. */
export function resultText(result: ToolResultMessage | undefined): string {
  if (result === undefined) return `Error: ${missingResult}`;
  return result.isError ? `Error: ${result.output}` : result.output;
}

export const missingResult = 'no result was recorded for this call.';

/** A result whose call is gone, as the user would tell it. */
export function orphanText(result: ToolResultMessage): string {
  return `Result of an earlier call of ${result.name}:\n${resultText(result)}`;
}

/** An instruction in the middle of a conversation, where the format has none. */
export function systemUpdate(text: string): string {
  return `<system-update>\n${text}\n</system-update>`;
}
