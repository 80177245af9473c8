import { EventStreamCodec } from '@smithy/core/event-streams';
import { createLLM } from '#host/llm/route.ts';
import type { Step } from './script.ts';
import { startModelServer } from './server.ts';
import { requestTo, says } from './talk.ts';
import type { Way } from './ways.ts';

/** The body of an answer, and of what type it is. */
export type AnswerBytes = { readonly bytes: Buffer<ArrayBuffer>; readonly type: string };

/** One event of an answer: what stands around its JSON, and the JSON. */
export type Frame = { readonly head: string; readonly body: unknown };

/** What the server says of this script, as it comes over the wire. */
export async function recordAnswer(way: Way, reply: readonly Step[]): Promise<AnswerBytes> {
  await using server = await startModelServer({ scripts: { model: '*', turns: [{ reply }] } });
  let bytes = Promise.resolve(Buffer.alloc(0));
  let type = '';
  const listening = async (url: string | URL | Request, init?: RequestInit): Promise<Response> => {
    const response = await fetch(url, init);
    type = response.headers.get('content-type') ?? '';
    bytes = response
      .clone()
      .arrayBuffer()
      .then((buffer) => Buffer.from(buffer));
    return response;
  };
  const llm = createLLM(way.routeTo(server.origin, listening));
  const { signal } = new AbortController();
  for await (const event of llm.stream(requestTo(way, [says('go')]), { signal })) {
    if (event.type === 'error') throw new Error(event.error.message);
  }
  return { bytes: await bytes, type };
}

const codec = new EventStreamCodec(
  (bytes) => (typeof bytes === 'string' ? bytes : Buffer.from(bytes).toString()),
  (text) => Buffer.from(text),
);

/** The frames of an answer; an end mark that is no JSON is one whose body is text. */
export function framesOf({ bytes, type }: AnswerBytes): readonly Frame[] {
  return type.includes('eventstream') ? awsFrames(bytes) : eventFrames(bytes.toString());
}

/** The answer of these frames. */
export function framed({ type }: AnswerBytes, frames: readonly Frame[]): AnswerBytes {
  const isAws = type.includes('eventstream');
  return {
    type,
    bytes: Buffer.concat(frames.map((frame) => Buffer.from(isAws ? awsBytes(frame) : eventText(frame)))),
  };
}

/** A body that is asked for piece by piece. */
export function bodyOf(pieces: Iterable<Uint8Array<ArrayBuffer>>): ReadableStream<Uint8Array<ArrayBuffer>> {
  const left = pieces[Symbol.iterator]();
  return new ReadableStream({
    pull(controller) {
      const { done, value } = left.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
  });
}

const betweenEvents = /\r?\n\r?\n/;

function eventFrames(text: string): readonly Frame[] {
  return text
    .split(betweenEvents)
    .filter((event) => event !== '')
    .map((event) => {
      const at = event.indexOf('data: ');
      const data = event.slice(at + 'data: '.length);
      return { head: event.slice(0, at), body: data.startsWith('{') ? JSON.parse(data) : data };
    });
}

function eventText({ head, body }: Frame): string {
  return `${head}data: ${typeof body === 'string' ? body : JSON.stringify(body)}\n\n`;
}

function awsFrames(bytes: Buffer): readonly Frame[] {
  const frames: Frame[] = [];
  for (let start = 0; start < bytes.length; ) {
    const end = start + bytes.readUInt32BE(start);
    const { headers, body } = codec.decode(bytes.subarray(start, end));
    frames.push({
      head: String(headers[':event-type']?.value),
      body: JSON.parse(Buffer.from(body).toString()),
    });
    start = end;
  }
  return frames;
}

function awsBytes({ head, body }: Frame): Uint8Array {
  return codec.encode({
    headers: {
      ':message-type': { type: 'string', value: 'event' },
      ':event-type': { type: 'string', value: head },
    },
    body: Buffer.from(JSON.stringify(body) ?? ''),
  });
}
