import type { AssistantMessage, LLMMessage } from '../schema.ts';

/**
 * The same conversation with every call under an id of its own, and its result with it: some models name their calls
 * anew from the first one in each answer, and providers refuse an id that stands there twice.
 */
export function distinctCalls(messages: readonly LLMMessage[]): readonly LLMMessage[] {
  const ids = messages.flatMap((message) => (message.type === 'assistant' ? callIDs(message) : []));
  return new Set(ids).size === ids.length ? messages : new Renaming().all(messages);
}

function callIDs({ content }: AssistantMessage): readonly string[] {
  return content.flatMap((each) => (each.type === 'tool-call' ? [each.id] : []));
}

class Renaming {
  readonly #taken = new Map<string, number>();
  /** By the id that it had, the ids of the latest answer's calls that still wait for their result. */
  readonly #waiting = new Map<string, string[]>();

  all(messages: readonly LLMMessage[]): readonly LLMMessage[] {
    return messages.map((message) => {
      if (message.type === 'assistant') return this.#answer(message);
      const callID = message.type === 'tool-result' ? this.#waiting.get(message.callID)?.shift() : undefined;
      return message.type === 'tool-result' && callID !== undefined ? { ...message, callID } : message;
    });
  }

  #answer(message: AssistantMessage): AssistantMessage {
    for (const id of callIDs(message)) this.#waiting.set(id, []);
    const content = message.content.map((each) =>
      each.type === 'tool-call' ? { ...each, id: this.#ownID(each.id) } : each,
    );
    return { ...message, content };
  }

  #ownID(id: string): string {
    let own = id;
    for (let count = this.#taken.get(id) ?? 1; this.#taken.has(own); count += 1) own = `${id}_${count}`;
    this.#taken.set(id, (this.#taken.get(id) ?? 0) + 1);
    if (own !== id) this.#taken.set(own, 1);
    this.#waiting.get(id)?.push(own);
    return own;
  }
}
