import { HostError } from '#shared/host-error.ts';
import type { Fetch } from '../llm/framing/exchange.ts';
import { isSafeAddress } from '../ports/browser.ts';
import type { Clock } from '../ports/clock.ts';

export interface Web {
  readonly fetch: Fetch;
  readonly clock: Clock;
}

export interface WebCall {
  readonly method: 'GET' | 'POST';
  readonly address: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as a form, or else as JSON. */
  readonly form?: Readonly<Record<string, string>>;
  readonly json?: object;
}

export interface WebAnswer {
  readonly status: number;
  /** Parsed JSON; undefined when the body is none. */
  readonly body: unknown;
}

/** How long a server may take for an answer. */
const patienceMs = 30_000;
const maxAnswerBytes = 256 * 1024;

/**
 * One request to an authorization server, with no redirect followed: what is sent here are secrets. Nothing of the
 * answer's body gets into an error.
 * @throws HostError `credential.unreachable`, `credential.address`
 */
export async function callWeb(call: WebCall, { fetch, clock }: Web, signal: AbortSignal): Promise<WebAnswer> {
  const { origin } = safeURL(call.address);
  const late = new AbortController();
  using _timer = clock.after(patienceMs, () => late.abort());
  try {
    const response = await fetch(call.address, {
      method: call.method,
      headers: { accept: 'application/json', ...bodyType(call), ...call.headers },
      body: bodyOf(call),
      signal: AbortSignal.any([signal, late.signal]),
      redirect: 'manual',
    });
    const text = await boundedText(response);
    if (response.status >= 500 || response.status === 429) {
      throw unreachable(origin, `answered with the status ${response.status}`);
    }
    return { status: response.status, body: parsed(text) };
  } catch (error) {
    signal.throwIfAborted();
    if (late.signal.aborted) throw unreachable(origin, `did not answer within ${patienceMs / 1000} seconds`);
    // `fetch` fails with a TypeError, whose cause has the system's word for it.
    if (!(error instanceof TypeError)) throw error;
    throw unreachable(origin, `could not be reached${causeCode(error)}`, error);
  }
}

/** @throws HostError `credential.address` */
export function safeURL(address: string): URL {
  if (isSafeAddress(address)) return new URL(address);
  throw new HostError(
    'credential.address',
    'An address of this sign-in is neither https nor on this machine. Nothing was sent there.',
  );
}

function bodyOf({ form, json }: WebCall): string | null {
  if (form !== undefined) return new URLSearchParams(form).toString();
  return json === undefined ? null : JSON.stringify(json);
}

function bodyType({ form, json }: WebCall): Readonly<Record<string, string>> {
  if (form !== undefined) return { 'content-type': 'application/x-www-form-urlencoded' };
  return json === undefined ? {} : { 'content-type': 'application/json' };
}

function unreachable(origin: string, says: string, cause?: unknown): HostError {
  return new HostError(
    'credential.unreachable',
    `${origin} ${says}. Check the connection, then try again.`,
    cause === undefined ? {} : { cause },
  );
}

function causeCode({ cause }: TypeError): string {
  return cause instanceof Error && 'code' in cause && typeof cause.code === 'string'
    ? ` (${cause.code})`
    : '';
}

async function boundedText(response: Response): Promise<string> {
  if (response.body === null) return '';
  const decoder = new TextDecoder();
  let text = '';
  for await (const bytes of response.body) {
    text += decoder.decode(bytes, { stream: true });
    if (text.length > maxAnswerBytes) return '';
  }
  return text;
}

/** The parser's own error would quote what it stumbled over. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return undefined;
  }
}
