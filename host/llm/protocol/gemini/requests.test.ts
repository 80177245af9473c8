import { describe, expect, test } from 'vitest';
import type { FileContent, ImageContent, LLMMessage, LLMRequest } from '../../schema.ts';
import { hasRecordings, recordedAnswers } from '../../testing/recordings.ts';
import { encodeGemini } from './encode.ts';
import { protocolID } from './wire.ts';

/** Requests that real providers accepted, recorded by others; see the README of that folder. */

type Fields = Readonly<Record<string, unknown>>;
type Media = { readonly mimeType: string; readonly data?: string; readonly fileUri?: string };
type Part = {
  readonly text?: string;
  readonly thought?: boolean;
  readonly thoughtSignature?: string;
  readonly functionCall?: { readonly id?: string; readonly name: string; readonly args?: Fields };
  readonly functionResponse?: {
    readonly id?: string;
    readonly name: string;
    readonly response: Fields;
    readonly parts?: readonly Part[];
  };
  readonly inlineData?: Media;
  readonly fileData?: Media;
};
type Content = { readonly role: string; readonly parts: readonly Part[] };
type Declaration = { readonly name: string; readonly description?: string } & Fields;
type Tool = { readonly functionDeclarations?: readonly Declaration[] } & Fields;
type Body = {
  readonly contents: readonly Content[];
  readonly systemInstruction?: Content;
  readonly tools?: readonly Tool[];
  readonly generationConfig?: Fields;
} & Fields;

const accepts = (url: string): boolean => /:(streamG|g)enerateContent/.test(url);

function recorded(): readonly (readonly [name: string, model: string, body: Body])[] {
  return recordedAnswers(['gemini'], accepts).flatMap(({ name, url, sent }) => {
    const body = camelCased(JSON.parse(sent)) as Body;
    const model = /models\/([^:]+):/.exec(url)?.[1] ?? '';
    return isExpressible(body) ? [[name, model, body] as const] : [];
  });
}

/** Some clients write the names of fields as the interface definition has them, and the server reads both. */
function camelCased(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(camelCased);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase()),
      opaque.has(key) ? inner : camelCased(inner),
    ]),
  );
}

const opaque = new Set([
  'args',
  'response',
  'parametersJsonSchema',
  'parameters_json_schema',
  'responseJsonSchema',
]);

/** Left out: calls that came in pieces or were never answered, and results that lie at an address. */
function isExpressible({ contents }: Body): boolean {
  const text = JSON.stringify(contents);
  const calls = text.split('"functionCall"').length;
  const isWhole = !text.includes('"partialArgs"') && calls === text.split('"functionResponse"').length;
  const parts = contents.flatMap((content) =>
    content.parts.flatMap((part) => part.functionResponse?.parts ?? []),
  );
  return isWhole && parts.every(({ fileData }) => fileData === undefined);
}

function toRequest(model: string, body: Body): LLMRequest {
  const { contents, systemInstruction, tools = [], generationConfig = {}, ...options } = body;
  const { maxOutputTokens, temperature, topP, ...rest } = generationConfig;
  const declarations = tools.flatMap(({ functionDeclarations = [] }) => functionDeclarations);
  return {
    model,
    system: systemInstruction?.parts.map(({ text = '' }) => text) ?? [],
    messages: toMessages(contents),
    tools: declarations.map(({ name, description = '', ...schema }) => ({
      name,
      description,
      parameters: schemaOf(schema),
    })),
    nativeTools: tools
      .filter(({ functionDeclarations }) => functionDeclarations === undefined)
      .map((definition) => ({ protocol: protocolID, definition })),
    generation: JSON.parse(JSON.stringify({ maxOutputTokens, temperature, topP })),
    options: { ...options, generationConfig: rest },
  };
}

function schemaOf({ parametersJsonSchema, parameters }: Fields): Fields {
  return (parametersJsonSchema ?? parameters) as Fields;
}

function toMessages(contents: readonly Content[]): readonly LLMMessage[] {
  const open: string[] = [];
  let calls = 0;
  const answerPart = (part: Part): Extract<LLMMessage, { type: 'assistant' }>['content'][number] => {
    const { text, functionCall, thoughtSignature: signature } = part;
    const facts = { ...(signature && { signature }), ...(functionCall?.id && { id: functionCall.id }) };
    const metadata = { [protocolID]: facts };
    if (text !== undefined) return { type: 'text', text, metadata };
    if (functionCall === undefined) return { type: 'native', metadata: { [protocolID]: { part } } };
    calls += 1;
    const id = `our-${calls}`;
    open.push(id);
    return { type: 'tool-call', id, name: functionCall.name, input: functionCall.args, metadata };
  };
  return contents.flatMap(({ role, parts }): readonly LLMMessage[] => {
    if (role === 'model') return [{ type: 'assistant', content: parts.map(answerPart) }];
    return parts.map((part): LLMMessage => {
      const { functionResponse: result } = part;
      if (result === undefined) return { type: 'user', content: [said(part)] };
      const output = outputOf(result.response);
      const attachments = (result.parts ?? []).flatMap((shown) => said(shown)) as (
        | ImageContent
        | FileContent
      )[];
      const isError = 'error' in result.response;
      return {
        type: 'tool-result',
        callID: open.shift() ?? '',
        name: result.name,
        output,
        isError,
        attachments,
      };
    });
  });
}

function said({
  text = '',
  inlineData,
  fileData,
}: Part): Extract<LLMMessage, { type: 'user' }>['content'][number] {
  if (fileData) return { type: 'image', source: { type: 'url', url: fileData.fileUri ?? '' } };
  if (inlineData === undefined) return { type: 'text', text };
  const { mimeType: mime, data = '' } = inlineData;
  if (mime === 'application/pdf') return { type: 'file', mime, data };
  return { type: 'image', source: { type: 'data', mime, data } };
}

/** What a result says, however its author called it. */
function outputOf(response: Fields): string {
  const [value = ''] = Object.values(response);
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Without what means the same: how contents are cut up, names of results, how schemas are said, empty fields. */
function meaning(body: object): unknown {
  const {
    contents,
    systemInstruction,
    tools = [],
    generationConfig = {},
    ...rest
  } = JSON.parse(JSON.stringify(body)) as Body;
  return {
    ...rest,
    system: systemInstruction?.parts.map(({ text }) => text) ?? [],
    generationConfig,
    tools: tools.map(({ functionDeclarations, ...native }) => ({
      ...native,
      functions: functionDeclarations?.map(({ name, description = '', ...schema }) => [
        name,
        description,
        schemaOf(schema),
      ]),
    })),
    parts: contents.flatMap(({ role, parts }) =>
      parts
        .filter(({ text, thoughtSignature }) => text !== '' || thoughtSignature)
        .map(({ functionResponse: result, ...part }) => ({
          role,
          ...part,
          ...(result && { result: { ...result, response: outputOf(result.response) } }),
        })),
    ),
  };
}

const list = recorded();

describe.skipIf(list.length === 0)('recorded requests of Gemini', () => {
  test.each(list)('%s is what the encoder writes for the same conversation (LM-04)', (_name, model, body) => {
    expect(meaning(encodeGemini(toRequest(model, body), {}))).toEqual(meaning(body));
  });
});

test.skipIf(!hasRecordings)('recorded requests of Gemini are at hand', () => {
  expect(list.length).toBeGreaterThan(40);
});
