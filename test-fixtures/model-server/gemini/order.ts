import { isBound, seal } from '../seal.ts';
import type { ModelPart, WireContent } from './request.ts';

/** What Google would say of these contents; null if there is nothing to say. */
export function orderProblem(contents: readonly WireContent[]): string | null {
  if (contents.length === 0) return 'GenerateContentRequest.contents: contents is not specified';
  for (const [at, content] of contents.entries()) {
    const problem = partsProblem(content, at) ?? turnProblem(contents, at) ?? signatureProblem(content, at);
    if (problem !== null) return problem;
  }
  return contents.at(-1)?.role === 'user'
    ? null
    : 'Please ensure that multiturn requests ends with a user role or a function response.';
}

function partsProblem({ parts }: WireContent, at: number): string | null {
  if (parts.length === 0)
    return `GenerateContentRequest.contents[${at}].parts: contents.parts must not be empty.`;
  const isEmpty = parts.some((part) => 'text' in part && part.text === '' && !('thoughtSignature' in part));
  return isEmpty ? 'Unable to submit request because it must have a text parameter.' : null;
}

/** Who may speak when: a call comes after the user or a result, and its results right behind it, in a turn of theirs. */
function turnProblem(contents: readonly WireContent[], at: number): string | null {
  const content = contents[at];
  const before = contents[at - 1];
  if (content === undefined) return null;
  if (content.role === 'model' && before?.role !== 'user') return before === undefined ? first : alternate;
  if (callsOf(content).length > 0 && contents[at + 1]?.role !== 'user') return noResponses;
  const calls = before === undefined ? [] : callsOf(before);
  const responses = responsesOf(content);
  if (responses.length === 0) return calls.length === 0 ? null : noResponses;
  if (responses.length !== content.parts.length) return mixed;
  if (calls.length !== responses.length) return calls.length === 0 ? noCall : noResponses;
  const isPaired = responses.every(
    ({ id, name }, place) => calls[place]?.name === name && calls[place]?.id === id,
  );
  return isPaired
    ? null
    : 'Please ensure that function responses have the ids and names of their calls, in order.';
}

const first = 'Please ensure that multiturn requests begin with a user role.';
const alternate = 'Please ensure that multiturn requests alternate between user and model.';
const noCall = 'Please ensure that function response turn comes immediately after a function call turn.';
const mixed = 'Please ensure that function responses stand in a turn of their own.';
const noResponses =
  'Please ensure that the number of function response parts is equal to the number of function call parts of the function call turn.';

/** Stands in for the signature of a call that another model made. */
const unchecked = 'skip_thought_signature_validator';

function signatureProblem(content: WireContent, at: number): string | null {
  if (content.role === 'user') return null;
  const forged = content.parts.findIndex((part) => !isGenuine(part));
  if (forged !== -1) return `Thought signature is not valid: contents[${at}].parts[${forged}].`;
  const place = content.parts.findIndex((part) => 'functionCall' in part);
  const part = content.parts[place];
  if (part === undefined || !('functionCall' in part) || part.thoughtSignature !== undefined) return null;
  return `Function call is missing a thought_signature in functionCall parts. This is required for tools to work correctly, and missing thought_signature may lead to degraded model performance. Additional data, function call \`default_api:${part.functionCall.name}\` , position ${place + 1}.`;
}

function isGenuine(part: ModelPart): boolean {
  const { thoughtSignature: signature } = part;
  if ('functionCall' in part) {
    const { id, name, args } = part.functionCall;
    if (signature === undefined) return true;
    return signature === seal(name, JSON.stringify(args)) || (signature === unchecked && !isBound(id));
  }
  if ('toolCall' in part) {
    const [query = ''] = part.toolCall.args.queries;
    return signature === seal('search', query) && part.toolCall.id !== '';
  }
  if ('toolResponse' in part) return signature === seal('found', part.toolResponse.response.found);
  return signature === undefined || signature === seal(part.text);
}

type Named = { readonly id?: string; readonly name: string };

function callsOf({ parts }: WireContent): readonly Named[] {
  return parts.flatMap((part) => ('functionCall' in part ? [part.functionCall] : []));
}

function responsesOf({ parts }: WireContent): readonly Named[] {
  return parts.flatMap((part) => ('functionResponse' in part ? [part.functionResponse] : []));
}
