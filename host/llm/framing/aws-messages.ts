import type { EventStreamCodec } from '@smithy/core/event-streams';

/** One message of an AWS event stream, by its name. */
export type AwsMessage = {
  readonly type: 'event' | 'failure';
  readonly name: string;
  readonly fields: Readonly<Record<string, unknown>>;
};

/**
 * The messages of a body. What is none ends in a `SyntaxError`; a body that stops within a message, in an error.
 * Source: https://smithy.io/2.0/aws/amazon-eventstream.html
 */
export async function* messagesIn(
  body: AsyncIterable<Uint8Array>,
  codec: EventStreamCodec,
): AsyncGenerator<AwsMessage, void> {
  let held: Buffer = Buffer.alloc(0);
  for await (const bytes of body) {
    held = Buffer.concat([held, bytes]);
    for (let size = sizeOf(held); size <= held.length; size = sizeOf(held)) {
      yield read(held.subarray(0, size), codec);
      held = held.subarray(size);
    }
  }
  if (held.length > 0) throw new Error('the stream stopped in the middle of an event');
}

/** Lengths and checksums alone take so much. */
const least = 16;
/** What AWS allows for headers and content; a damaged length would otherwise hold gigabytes. */
const most = 24 * 1024 * 1024 + 128 * 1024 + least;

/** Of the message that begins here; more than there can be while that is not known. */
function sizeOf(held: Buffer): number {
  if (held.length < 4) return Number.POSITIVE_INFINITY;
  const size = held.readUInt32BE(0);
  if (size < least || size > most) throw new SyntaxError(`An event of ${size} bytes is damaged.`);
  return size;
}

function read(bytes: Buffer, codec: EventStreamCodec): AwsMessage {
  const { headers, body } = decoded(bytes, codec);
  const header = (name: string): string => String(headers[name]?.value ?? '');
  const text = Buffer.from(body).toString();
  if (header(':message-type') === 'error')
    return { type: 'failure', name: header(':error-code'), fields: { message: header(':error-message') } };
  if (header(':message-type') === 'exception')
    return { type: 'failure', name: header(':exception-type'), fields: failureFields(text) };
  const name = header(':event-type');
  // Some gateways write exceptions as events.
  if (exception.test(name)) return { type: 'failure', name, fields: failureFields(text) };
  return { type: 'event', name, fields: text === '' ? {} : JSON.parse(text) };
}

const exception = /Exception$/;

function decoded(bytes: Buffer, codec: EventStreamCodec): ReturnType<EventStreamCodec['decode']> {
  try {
    return codec.decode(bytes);
  } catch (error) {
    // The codec has plain errors for wrong checksums and headers that are none.
    if (!(error instanceof Error)) throw error;
    throw new SyntaxError(`An event of the stream is damaged: ${error.message}`, { cause: error });
  }
}

/** An error that is no JSON is told in its own words. */
function failureFields(text: string): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null ? { ...parsed } : { message: text };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return { message: text };
  }
}
