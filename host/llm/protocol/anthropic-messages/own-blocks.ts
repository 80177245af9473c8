import { fieldsOf } from '../error-body.ts';
import type { AssistantBlock } from './wire.ts';

/**
 * What of an answer's blocks can go back after it was cut off: a tool that the server ran only with its result, and a
 * thought only with something behind it. The code that calls tools of ours has its result in a later answer.
 */
export class OwnBlocks {
  /** Ids of what the server runs while tools of ours are called from within. */
  readonly #running = new Set<unknown>();

  kept(blocks: readonly AssistantBlock[]): readonly AssistantBlock[] {
    const fields = blocks.map(fieldsOf);
    for (const { caller } of fields) this.#running.add(fieldsOf(caller)['tool_id']);
    const asked = new Map(fields.map((block, index) => [isCall(block) && block['id'], index]));
    const answered = new Map(fields.map((block, index) => [isResult(block) && block['tool_use_id'], index]));
    const paired = blocks.filter((_block, index) => {
      const block = fields[index] ?? {};
      const id = block['id'] ?? block['tool_use_id'];
      if (this.#running.has(id)) return true;
      if (isCall(block)) return (answered.get(id) ?? -1) > index;
      return !isResult(block) || (asked.get(id) ?? index) < index;
    });
    const last = paired.findLastIndex((block) => !thoughts.has(String(fieldsOf(block)['type'])));
    return paired.slice(0, last + 1);
  }
}

const thoughts: ReadonlySet<string> = new Set(['thinking', 'redacted_thinking']);

type Fields = Readonly<Record<string, unknown>>;

function isCall({ type }: Fields): boolean {
  return type !== 'tool_use' && String(type).endsWith('tool_use');
}

function isResult({ type }: Fields): boolean {
  return String(type).endsWith('_tool_result');
}
