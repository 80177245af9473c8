import { isBound, seal, sealedID } from '../seal.ts';
import type { InputItem } from './request.ts';

/** What OpenAI would say of these items; null if there is nothing to say. */
export function orderProblem(items: readonly InputItem[]): string | null {
  if (items.length === 0) return noInput;
  for (const rule of [callProblem, thoughtProblem, searchProblem]) {
    const problem = rule(items);
    if (problem !== null) return problem;
  }
  return null;
}

const noInput =
  'One of "input" or "previous_response_id" or \'prompt\' or \'conversation_id\' must be provided.';

/** Each call has an output behind it, and each output a call before it. An id may be used again after that. */
function callProblem(items: readonly InputItem[]): string | null {
  const open = new Set<string>();
  for (const item of items) {
    if (item.type === 'function_call') {
      if (open.has(item.call_id)) return `Duplicate function call with call_id ${item.call_id}.`;
      open.add(item.call_id);
    }
    if (item.type === 'function_call_output' && !open.delete(item.call_id)) {
      return `No tool call found for function call output with call_id ${item.call_id}.`;
    }
  }
  const [unanswered] = open;
  return unanswered === undefined ? null : `No tool output found for function call ${unanswered}.`;
}

function thoughtProblem(items: readonly InputItem[]): string | null {
  for (const [at, item] of items.entries()) {
    if (item.type === 'function_call' && isBound(item.call_id) && !thoughtBefore(items, at)) {
      return `Item '${item.call_id}' of type 'function_call' was provided without its required 'reasoning' item.`;
    }
    if (item.type !== 'reasoning') continue;
    const words = item.summary.map(({ text }) => text).join('\n\n');
    if (item.encrypted_content !== seal(words)) {
      return `The encrypted content ${item.encrypted_content.slice(0, 4)}... could not be verified. Reason: Encrypted content could not be decrypted or parsed.`;
    }
    const next = items[at + 1];
    const isFollowed = next !== undefined && 'id' in next && next.id !== undefined;
    if (item.id !== undefined && !isFollowed) {
      return `Item '${item.id}' of type 'reasoning' was provided without its required following item.`;
    }
  }
  return null;
}

/** Among the items of the same answer. */
function thoughtBefore(items: readonly InputItem[], at: number): boolean {
  const before = items.slice(0, at);
  const start = before.findLastIndex(
    (item) => item.type === 'function_call_output' || ('role' in item && item.role !== 'assistant'),
  );
  return before.slice(start + 1).some(({ type }) => type === 'reasoning');
}

/** What the server's own search did comes back unchanged. */
function searchProblem(items: readonly InputItem[]): string | null {
  const forged = items.find(
    (item) => item.type === 'web_search_call' && item.id !== sealedID('ws', item.action.query),
  );
  return forged === undefined ? null : `Item with id '${'id' in forged ? forged.id : ''}' not found.`;
}
