import { EventStreamCodec } from '@smithy/core/event-streams';
import { type Block, type BlockForm, BlockStream, joined } from '../blocks.ts';
import { seal, sealedID } from '../seal.ts';
import type { Ending, Refusal, WireWriter } from '../wire.ts';

/** The messages of an answer in the order in which Bedrock sends them, in AWS' event stream format. */
export function converseWriter(): WireWriter {
  const stream = new BlockStream(converseForm());
  return {
    contentType: 'application/vnd.amazon.eventstream',
    begin: () => event('messageStart', { role: 'assistant' }),
    // The format has no keep-alives.
    piece: (piece) => (piece.type === 'comment' ? '' : stream.piece(piece)),
    end: (ending) => {
      const ended = stream.end();
      const stopped = event('messageStop', { stopReason: stopReason(stream, ending) });
      return joined(ended, stopped, event('metadata', counted(ending)));
    },
    error: exception,
  };
}

export function wholeAnswer(stream: BlockStream, ending: Ending): object {
  const message = { role: 'assistant', content: stream.blocks.map(wholeBlock) };
  return { output: { message }, stopReason: stopReason(stream, ending), ...counted(ending) };
}

/** AWS' own codec, which counts lengths and checksums. */
const codec = new EventStreamCodec(
  (bytes) => (typeof bytes === 'string' ? bytes : Buffer.from(bytes).toString()),
  (text) => Buffer.from(text),
);

type Headers = Readonly<Record<string, string>>;

function frame(headers: Headers, body: object): Uint8Array {
  const values = Object.entries({ ...headers, ':content-type': 'application/json' });
  const typed = values.map(([name, value]) => [name, { type: 'string', value }] as const);
  return codec.encode({ headers: Object.fromEntries(typed), body: Buffer.from(JSON.stringify(body)) });
}

/** Bedrock pads its events, so that their lengths tell nothing of the words in them. */
function event(name: string, body: object): Uint8Array {
  return frame({ ':message-type': 'event', ':event-type': name }, { ...body, p: 'abcdefghijkl' });
}

/** `ThrottlingException:http://…` of an answer is `throttlingException` in a stream. */
function exception({ headers = {}, body }: Refusal): Uint8Array {
  const [kind = ''] = (headers['x-amzn-errortype'] ?? 'ModelStreamErrorException').split(':');
  const name = `${kind.charAt(0).toLowerCase()}${kind.slice(1)}`;
  const words = typeof body === 'object' && body !== null ? body : { message: String(body) };
  return frame({ ':message-type': 'exception', ':exception-type': name }, words);
}

function converseForm(): BlockForm {
  let contentBlockIndex = -1;
  const delta = (words: object): Uint8Array =>
    event('contentBlockDelta', { contentBlockIndex, delta: words });
  const start = (begin: object): Uint8Array =>
    event('contentBlockStart', { contentBlockIndex, start: begin });
  return {
    begin: (block) => {
      contentBlockIndex += 1;
      const begin = beginning(block);
      return begin === null ? '' : start(begin);
    },
    delta: (block, text) => {
      switch (block.type) {
        case 'text':
          return delta({ text });
        case 'reasoning':
          return delta({ reasoningContent: { text } });
        case 'call':
          return delta({ toolUse: { input: text } });
        case 'search':
          return delta({ toolUse: { input: JSON.stringify({ query: text }) } });
        case 'found':
          return delta({ toolResult: [{ text }] });
      }
    },
    end: (block) => {
      const signature = { reasoningContent: { signature: seal(block.text) } };
      const signed = block.type === 'reasoning' ? delta(signature) : '';
      return joined(signed, event('contentBlockStop', { contentBlockIndex }));
    },
  };
}

const search = { name: 'nova_grounding', type: 'server_tool_use' };
const found = { type: 'nova_grounding_result', status: 'success' };

/** Texts and thoughts begin without a word. */
function beginning(block: Block): object | null {
  switch (block.type) {
    case 'text':
    case 'reasoning':
      return null;
    case 'call':
      return { toolUse: { toolUseId: block.id, name: block.name } };
    case 'search':
      return { toolUse: { toolUseId: sealedID('tooluse', block.query), ...search } };
    case 'found':
      return { toolResult: { toolUseId: sealedID('tooluse', block.query), ...found } };
  }
}

function wholeBlock(block: Block): object {
  const { type, text } = block;
  switch (type) {
    case 'text':
      return { text };
    case 'reasoning':
      return { reasoningContent: { reasoningText: { text, signature: seal(text) } } };
    case 'call':
      return { toolUse: { toolUseId: block.id, name: block.name, input: JSON.parse(text) } };
    case 'search':
      return { toolUse: { toolUseId: sealedID('tooluse', block.query), ...search, input: { query: text } } };
    case 'found':
      return { toolResult: { toolUseId: sealedID('tooluse', block.query), ...found, content: [{ text }] } };
  }
}

function stopReason({ hasCalls }: BlockStream, { finish }: Ending): string {
  if (finish === null) return hasCalls ? 'tool_use' : 'end_turn';
  return stops.get(finish) ?? finish;
}

const stops: ReadonlyMap<string, string> = new Map([
  ['stop', 'end_turn'],
  ['length', 'max_tokens'],
  ['content_filter', 'content_filtered'],
]);

/** What was thought is not told apart; the cache's share stands apart. */
function counted({ usage }: Ending): object {
  const { input, output, cacheRead = 0 } = usage;
  const tokens = { inputTokens: input - cacheRead, outputTokens: output, totalTokens: input + output };
  return {
    usage: { ...tokens, cacheReadInputTokens: cacheRead, cacheWriteInputTokens: 0 },
    metrics: { latencyMs: 1 },
  };
}
