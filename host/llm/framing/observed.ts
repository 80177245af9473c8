/** What may follow the end mark before the connection is given up instead of being kept for the next request. */
const drainReads = 8;
const drainMs = 1000;

export type ObservedBody = {
  readonly body: ReadableStream<Uint8Array>;
  /** Whether the end mark has been read. */
  complete(): boolean;
};

export type Observation = {
  readonly onBytes: () => void;
  /** The last line of a stream: field and value. Inside JSON a line break is escaped, so this is never content. */
  readonly lastLine: readonly [field: string, value: string];
};

/**
 * A body that tells of every read and knows whether its end mark came by. A reader that stops at the mark cancels the
 * body; the rest is then read in the background so that the connection can serve the next request.
 */
export function observeBody(
  source: ReadableStream<Uint8Array>,
  { onBytes, lastLine: [field, value] }: Observation,
): ObservedBody {
  const marks = ['\n', '\r'].flatMap((end) => [`${end}${field}: ${value}`, `${end}${field}:${value}`]);
  const longest = field.length + value.length + 3;
  const reader = source.getReader();
  let seam: Uint8Array = Buffer.from('\n');
  let complete = false;

  const look = (bytes: Uint8Array): void => {
    const window = Buffer.concat([seam, bytes]);
    complete ||= marks.some((mark) => window.includes(mark));
    seam = window.subarray(Math.max(0, window.length - longest));
  };
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await reader.read();
        onBytes();
        if (done) return controller.close();
        look(value);
        controller.enqueue(value);
      },
      async cancel(reason) {
        if (!complete) return reader.cancel(reason);
        void drain(reader);
      },
    },
    { highWaterMark: 0 },
  );
  return { body, complete: () => complete };
}

async function drain(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
  const giveUp = (): void => void reader.cancel().catch(afterTheEnd);
  const timer = setTimeout(giveUp, drainMs);
  timer.unref();
  try {
    for (let reads = 0; reads < drainReads; reads += 1) {
      if ((await reader.read()).done) return;
    }
    giveUp();
  } catch (error) {
    afterTheEnd(error);
  } finally {
    clearTimeout(timer);
  }
}

/** The answer is complete; that the connection then broke concerns nobody. */
function afterTheEnd(_error: unknown): void {
  // nothing to do
}
