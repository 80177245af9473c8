import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { LLMMessage, LLMRequest, LLMTool } from '../../schema.ts';
import { encodeChat } from './encode.ts';

/** Requests that real providers accepted, recorded by others; see the README of that folder. */
const folder = resolve(import.meta.dirname, '../../../../../shared/recordings');

type WireMessage = {
  readonly role: string;
  readonly content?:
    | string
    | null
    | readonly {
        readonly type: string;
        readonly text?: string;
        readonly image_url?: { url: string };
        readonly cache_control?: unknown;
      }[];
  readonly tool_call_id?: string;
  readonly tool_calls?: readonly {
    readonly id: string;
    readonly function: { readonly name: string; readonly arguments: string };
  }[];
};
type Wire = {
  readonly model: string;
  readonly messages: readonly WireMessage[];
  readonly tools?: readonly { readonly type: string; readonly function?: LLMTool }[];
} & Record<string, unknown>;

function recorded(): readonly (readonly [string, Wire])[] {
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.json'),
  );
  return files.sort().flatMap((file) => {
    const { interactions = [] } = JSON.parse(readFileSync(join(folder, file), 'utf8'));
    const found: (readonly [string, Wire])[] = [];
    for (const [index, { request }] of interactions.entries()) {
      if (request?.url.includes('/chat/completions') && expressible(JSON.parse(request.body))) {
        found.push([`${file} #${index}`, JSON.parse(request.body)]);
      }
    }
    return found;
  });
}

/** Left out: roles and parts that our vocabulary does not have, and cache marks, which are the encoder's affair. */
function expressible({ messages, tools = [] }: Wire): boolean {
  const plain = messages.every(({ role, content, tool_calls }) => {
    if (role === 'developer' || (role === 'assistant' && Array.isArray(content) && tool_calls)) return false;
    return !JSON.stringify(content ?? '').includes('cache_control');
  });
  return plain && tools.every(({ type }) => type === 'function');
}

function toRequest(wire: Wire): {
  readonly request: LLMRequest;
  readonly limitName: 'older' | 'newer';
} {
  const {
    model,
    messages,
    tools = [],
    max_tokens,
    max_completion_tokens,
    temperature,
    top_p,
    reasoning_effort,
    ...rest
  } = wire;
  const maxOutputTokens = max_tokens ?? max_completion_tokens;
  const request = {
    model,
    system: messages.filter(({ role }) => role === 'system').map(({ content }) => String(content)),
    messages: messages.flatMap(toMessage),
    tools: tools.flatMap((tool) => tool.function ?? []),
    generation: {
      ...(maxOutputTokens !== undefined && { maxOutputTokens }),
      ...(temperature !== undefined && { temperature }),
      ...(top_p !== undefined && { topP: top_p }),
      ...(reasoning_effort !== undefined && { reasoningEffort: reasoning_effort }),
    } as LLMRequest['generation'],
    options: rest,
  };
  return {
    request,
    limitName: max_completion_tokens === undefined ? 'older' : 'newer',
  };
}

function toMessage({ role, content, tool_call_id, tool_calls }: WireMessage): readonly LLMMessage[] {
  if (role === 'system') return [];
  if (role === 'tool')
    return [
      { type: 'tool-result', callID: tool_call_id ?? '', name: '', output: String(content), isError: false },
    ];
  const parts = typeof content === 'string' ? [{ type: 'text', text: content }] : (content ?? []);
  if (role === 'user') {
    return [
      {
        type: 'user',
        content: parts.map((part) =>
          'image_url' in part && part.image_url !== undefined
            ? { type: 'image', source: { type: 'url', url: part.image_url.url } }
            : { type: 'text', text: part.text ?? '' },
        ),
      },
    ];
  }
  const text = parts.map((part) => ({ type: 'text' as const, text: part.text ?? '' }));
  const calls = (tool_calls ?? []).map(({ id, function: { name, arguments: args } }) => ({
    type: 'tool-call' as const,
    id,
    name,
    input: JSON.parse(args),
  }));
  return [{ type: 'assistant', content: [...text, ...calls] }];
}

/** Our body and theirs, without what means the same: defaults, spaces in arguments, one text part or a string. */
function meaning(body: Record<string, unknown>): unknown {
  const { stream, stream_options, n, tool_choice, tools, messages, ...rest } = JSON.parse(
    JSON.stringify(body),
  );
  return {
    ...rest,
    ...(tools !== undefined && { tools, tool_choice: tool_choice ?? 'auto' }),
    messages: messages.map((message: WireMessage) => ({
      ...message,
      content: message.content ?? null,
      ...(message.tool_calls && {
        tool_calls: message.tool_calls.map((call) => ({
          ...call,
          function: { ...call.function, arguments: JSON.parse(call.function.arguments) },
        })),
      }),
    })),
  };
}

const list = recorded();

describe.skipIf(list.length === 0)('recorded requests of chat completions', () => {
  test.each(list)('%s is what the encoder writes for the same conversation', (_name, wire) => {
    const { request, limitName } = toRequest(wire);
    const body = encodeChat(request, { limitName });
    expect(meaning({ ...body })).toEqual(meaning(wire));
  });
});

test.skipIf(!existsSync(folder))('recorded requests are at hand', () => {
  expect(list.length).toBeGreaterThan(10);
});
