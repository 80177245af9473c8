import type { Fetch } from './exchange.ts';

/** What AWS' packages hand over of a request; some of it is filled in by them alone. */
type ServiceRequest = {
  readonly protocol: string;
  readonly hostname: string;
  readonly port?: number | undefined;
  readonly path: string;
  readonly query?: Readonly<Record<string, string | readonly string[] | null>> | undefined;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
};

type ServiceResponse = {
  readonly statusCode: number;
  readonly reason: string;
  readonly headers: Record<string, string>;
  readonly body: Uint8Array;
};

/** Named by whoever sends: `fetch` names them itself. */
const named: ReadonlySet<string> = new Set(['host', 'content-length', 'connection']);

/**
 * Asks AWS' services for credentials (single sign-on, roles) by `fetch`, as everything else is asked: the handler of
 * AWS' own packages opens sockets of its own, past the proxy and the certificates that the editor or the process has
 * been told to use. Answers are short and are read whole.
 */
export function fetchHandler(fetch: Fetch | undefined) {
  return {
    metadata: { handlerProtocol: 'http/1.1' },
    async handle(
      request: ServiceRequest,
      { abortSignal }: { readonly abortSignal?: unknown } = {},
    ): Promise<{ readonly response: ServiceResponse }> {
      const send = fetch ?? globalThis.fetch;
      const answer = await send(addressOf(request), {
        method: request.method,
        headers: Object.entries(request.headers).filter(([name]) => !named.has(name.toLowerCase())),
        body: bodyOf(request.body),
        redirect: 'manual',
        ...(abortSignal instanceof AbortSignal && { signal: abortSignal }),
      });
      const body = new Uint8Array(await answer.arrayBuffer());
      const headers = Object.fromEntries(answer.headers);
      return { response: { statusCode: answer.status, reason: answer.statusText, headers, body } };
    },
  };
}

function addressOf({ protocol, hostname, port, path, query = {} }: ServiceRequest): URL {
  const url = new URL(`${protocol}//${hostname}${port === undefined ? '' : `:${port}`}${path}`);
  for (const [name, value] of Object.entries(query)) {
    for (const each of value === null ? [''] : [value].flat()) url.searchParams.append(name, each);
  }
  return url;
}

function bodyOf(body: unknown): string | Uint8Array<ArrayBuffer> | null {
  if (typeof body === 'string') return body;
  return body instanceof Uint8Array ? new Uint8Array(body) : null;
}
