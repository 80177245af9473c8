import { EventStreamCodec } from '@smithy/core/event-streams';
import { expect } from 'vitest';
import type { Fetch } from '../../framing/exchange.ts';
import { bedrock } from '../../providers/bedrock.ts';
import { textsOf } from '../../testing/recordings.ts';
import { testReplays } from '../../testing/replay-suite.ts';

testReplays('Converse', {
  folders: ['bedrock-converse'],
  accepts: (url) => url.includes('bedrock-runtime') && url.includes('/converse'),
  least: 15,
  routeTo: (origin: string, fetch?: Fetch) =>
    bedrock({ region: 'us-east-1', baseURL: origin, apiKey: 'replayed', ...(fetch && { fetch }) }),
  also: ({ type, body }, golden) => {
    if (!type.includes('eventstream')) return;
    expect({
      text: textsOf(golden, 'text.delta'),
      args: textsOf(golden, 'tool.input.delta'),
      end: golden.at(-1),
    }).toMatchObject(wordsByHand(body));
  },
});

/** Another, plain reading of the same stream: its deltas. */
function wordsByHand(body: Buffer): object {
  const codec = new EventStreamCodec(
    (bytes) => Buffer.from(bytes).toString(),
    (text) => Buffer.from(text),
  );
  const events: { readonly name: unknown; readonly fields: Fields }[] = [];
  for (let at = 0; at < body.length; at += body.readUInt32BE(at)) {
    const message = codec.decode(body.subarray(at, at + body.readUInt32BE(at)));
    const fields = JSON.parse(Buffer.from(message.body).toString());
    events.push({ name: message.headers[':event-type']?.value, fields });
  }
  const deltas = events.filter(({ name }) => name === 'contentBlockDelta').map(({ fields }) => fields.delta);
  const stop = events.find(({ name }) => name === 'messageStop');
  return {
    text: deltas.map((delta) => delta?.text ?? '').join(''),
    args: deltas.map((delta) => delta?.toolUse?.input ?? '').join(''),
    end: { type: 'finish', raw: stop?.fields.stopReason },
  };
}

type Fields = {
  readonly stopReason?: string;
  readonly delta?: { readonly text?: string; readonly toolUse?: { readonly input: string } };
};
