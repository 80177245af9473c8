import type { LLMEvent, Metadata } from '../../schema.ts';
import { fieldsOf } from '../error-body.ts';
import { protocolID, type WirePart } from './wire.ts';

/** A part that is neither words nor a call of ours: code that the server ran, a search, a picture. It goes back whole. */
export function nativePart(part: WirePart): LLMEvent {
  return { type: 'native', name: nameOf(part), text: wordsOf(part), metadata: factsOf({ part }) };
}

/** The facts of this protocol, as events carry them. */
export function factsOf(facts: object): Metadata {
  return { [protocolID]: facts };
}

const names: ReadonlyMap<string, string> = new Map([
  ['executableCode', 'code_execution'],
  ['codeExecutionResult', 'code_execution_result'],
  ['inlineData', 'media'],
  ['fileData', 'media'],
]);
const aboutThoughts: ReadonlySet<string> = new Set(['thought', 'thoughtSignature', 'text']);

function nameOf(part: WirePart): string {
  const { toolType } = fieldsOf(part['toolCall'] ?? part['toolResponse']);
  if (typeof toolType === 'string') return toolType.toLowerCase();
  const kind = Object.keys(part).find((key) => !aboutThoughts.has(key)) ?? 'thought';
  return names.get(kind) ?? kind;
}

function wordsOf(part: WirePart): string {
  const { code } = fieldsOf(part['executableCode']);
  const { output } = fieldsOf(part['codeExecutionResult']);
  const { args } = fieldsOf(part['toolCall']);
  return textsOf(code ?? output ?? Object.values(fieldsOf(args)));
}

/** One text, or those of a list, lists inside it included. */
export function textsOf(value: unknown): string {
  if (!Array.isArray(value)) return typeof value === 'string' ? value : '';
  const texts = value.map(textsOf).filter((text) => text !== '');
  return texts.join(' ');
}
