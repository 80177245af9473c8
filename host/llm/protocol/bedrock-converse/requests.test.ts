import { describe, expect, test } from 'vitest';
import type { LLMMessage, LLMRequest } from '../../schema.ts';
import { hasRecordings, recordedAnswers } from '../../testing/recordings.ts';
import { encodeConverse } from './encode.ts';
import { protocolID } from './wire.ts';

type Block = Readonly<Record<string, unknown>>;
type Result = { readonly toolUseId: string; readonly content: readonly Block[]; readonly status?: string };
type Wire = {
  readonly system?: readonly { readonly text: string }[];
  readonly messages: readonly { readonly role: string; readonly content: readonly Block[] }[];
  readonly toolConfig?: { readonly tools: readonly Block[] };
  readonly inferenceConfig?: Readonly<Record<string, unknown>>;
  readonly additionalModelRequestFields?: Block;
};
type Spec = {
  readonly name: string;
  readonly description?: string;
  readonly inputSchema: { readonly json: Block };
};

/** Requests that Bedrock took, but those with blocks that our vocabulary does not have. */
function recorded(): readonly (readonly [name: string, model: string, wire: Wire])[] {
  const answers = recordedAnswers(['bedrock-converse'], (url) => url.includes('/converse'));
  return answers
    .filter(({ status, sent }) => status === 200 && sent !== '' && !/guardContent|"video"/.test(sent))
    .map(({ name, url, sent }) => {
      const model = decodeURIComponent(/model\/(.+)\/converse/.exec(url)?.[1] ?? '');
      return [name, model, JSON.parse(sent)] as const;
    });
}

function toRequest(model: string, wire: Wire): LLMRequest {
  const { maxTokens, temperature, topP, ...inferenceConfig } = wire.inferenceConfig ?? {};
  const specs = (wire.toolConfig?.tools ?? []).flatMap(
    ({ toolSpec }) => (toolSpec as Spec | undefined) ?? [],
  );
  const native = (wire.toolConfig?.tools ?? []).filter((tool) => 'systemTool' in tool);
  return {
    model,
    system: (wire.system ?? []).map(({ text }) => text),
    messages: wire.messages.flatMap(({ role, content }) =>
      role === 'assistant' ? [answered(content)] : content.flatMap(asked),
    ),
    tools: specs.map(({ name, description = '', inputSchema }) => ({
      name,
      description,
      parameters: inputSchema.json,
    })),
    nativeTools: native.map((definition) => ({ protocol: protocolID, definition })),
    generation: {
      ...(maxTokens !== undefined && { maxOutputTokens: maxTokens }),
      ...(temperature !== undefined && { temperature }),
      ...(topP !== undefined && { topP }),
    } as LLMRequest['generation'],
    options: { inferenceConfig, ...wire.additionalModelRequestFields },
  };
}

function asked(block: Block): readonly LLMMessage[] {
  if ('text' in block) return [{ type: 'user', content: [{ type: 'text', text: String(block['text']) }] }];
  if ('document' in block) {
    const { name, source } = block['document'] as { name: string; source: { bytes: string } };
    return [{ type: 'user', content: [{ type: 'file', mime: 'application/pdf', data: source.bytes, name }] }];
  }
  const { toolUseId, content, status } = block['toolResult'] as Result;
  const output = content.map(({ text, json }) => text ?? JSON.stringify(json)).join('');
  return [{ type: 'tool-result', callID: toolUseId, name: '', output, isError: status === 'error' }];
}

function answered(content: readonly Block[]): LLMMessage {
  return {
    type: 'assistant',
    content: content.map((block) => {
      if ('text' in block) return { type: 'text', text: String(block['text']) };
      const { toolUseId = '', name = '', input, type } = (block['toolUse'] ?? {}) as Record<string, string>;
      if (toolUseId === '' || type !== undefined)
        return { type: 'native', metadata: { [protocolID]: { block } } };
      return { type: 'tool-call', id: toolUseId, name, input };
    }),
  };
}

/** Our body and theirs, without what means the same: defaults, empty fields, JSON in a result as text. */
function meaning(body: object): unknown {
  const {
    modelId: _,
    system = [],
    toolConfig,
    inferenceConfig = {},
    messages,
    ...rest
  } = body as Wire & Block;
  return {
    ...rest,
    system,
    tools: toolConfig?.tools ?? [],
    inferenceConfig,
    messages: plain(JSON.parse(JSON.stringify(messages))),
  };
}

function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value).filter(([name, held]) => name !== 'status' || held !== 'success');
  const [[name, held] = []] = fields;
  if (name === 'json' && fields.length === 1) return { text: JSON.stringify(held) };
  return Object.fromEntries(fields.map(([key, each]) => [key, plain(each)]));
}

const list = recorded();

describe.skipIf(list.length === 0)('recorded requests of Converse', () => {
  test.each(list)('%s is what the encoder writes for the same conversation (LM-02)', (_name, model, wire) => {
    const body = encodeConverse(toRequest(model, wire), { cache: [] });
    expect(meaning(body)).toEqual(meaning(wire));
  });
});

test.skipIf(!hasRecordings)('recorded requests are at hand', () => {
  expect(list.length).toBeGreaterThan(10);
});
