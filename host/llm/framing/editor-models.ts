import { WireError } from '../failure.ts';
import type { EditorRequest } from '../protocol/editor-chat.ts';
import type { Framing, WireCall, WireStream } from '../route.ts';

/** What stands in the editor: it makes a request of a plain value, and plain values of the answer. */
export type EditorModels = {
  /**
   * One request. Fails with the editor's own errors, or with those that the model's vendor threw. Cancels the request
   * when the signal aborts or the reader leaves.
   */
  send(request: EditorRequest, options: { readonly signal: AbortSignal }): AsyncIterable<unknown>;
};

/** Requests that go through the editor: no address, no credential, no bytes. */
export function editorModels(models: EditorModels): Framing {
  return {
    async open(call, { signal }) {
      return new EditorAnswer(call, models, signal).stream();
    },
    warm: () => Promise.resolve(),
  };
}

class EditorAnswer {
  readonly #call: WireCall;
  readonly #models: EditorModels;
  readonly #signal: AbortSignal;
  #isComplete = false;

  constructor(call: WireCall, models: EditorModels, signal: AbortSignal) {
    this.#call = call;
    this.#models = models;
    this.#signal = signal;
  }

  stream(): WireStream {
    return { chunks: this.#chunks(), complete: () => this.#isComplete };
  }

  async *#chunks(): AsyncGenerator<unknown> {
    try {
      const request = this.#call.body as EditorRequest; // by its protocol, the only one that this framing is under
      for await (const part of this.#models.send(request, { signal: this.#signal })) {
        this.#call.onBytes();
        yield part;
      }
      this.#isComplete = true;
    } catch (error) {
      this.#signal.throwIfAborted();
      throw new WireError({ type: 'in-stream', payload: told(error, 0), headers: {} }, { cause: error });
    }
  }
}

const deepestCause = 4;

/** What an error says, as a plain value. */
function told(error: unknown, depth: number): object {
  if (!(error instanceof Error)) return { message: String(error) };
  const { name, message, cause } = error;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  const hasCause = cause !== undefined && depth < deepestCause;
  return {
    name,
    message,
    ...(code !== undefined && { code }),
    ...(hasCause && { cause: told(cause, depth + 1) }),
  };
}
