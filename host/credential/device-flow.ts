import * as Schema from 'effect/Schema';
import { HostError, hasCode } from '#shared/host-error.ts';
import { isSafeAddress } from '../ports/browser.ts';
import { type DeviceFlow, fill } from './flow.ts';
import { clientFor, type FlowRun, type Grant, openPage, refusal } from './flow-run.ts';
import { pauseFor } from './interaction.ts';
import {
  authentication,
  type Client,
  malformed,
  refusalIn,
  requestTokens,
  secondsOf,
  type TokenOutcome,
} from './token-request.ts';
import { callWeb } from './web-call.ts';

/**
 * Signs in with a code that the user enters on a page, and asks for the tokens at the pace that the server sets.
 * @throws HostError `credential.*`
 */
export async function signInByDevice(flow: DeviceFlow, run: FlowRun): Promise<Grant> {
  const client = await clientFor(flow, undefined, run);
  const device = await requestDevice(flow, client, run);
  using _page = openPage({ address: device.address, code: device.code }, run);
  return { client, tokens: await poll(flow, { client, device, run }) };
}

interface Device {
  /** A secret: it is what the tokens are given for. */
  readonly deviceCode: string;
  /** For the user to enter. */
  readonly code: string;
  readonly address: string;
  readonly intervalMs: number;
  /** Wall time. */
  readonly expiresAt: number;
}

const DeviceAnswer = Schema.Struct({
  device_code: Schema.NonEmptyString,
  user_code: Schema.String.check(Schema.isPattern(/^[\x20-\x7e]{1,64}$/)),
  verification_uri: Schema.String,
  verification_uri_complete: Schema.optionalKey(Schema.NullOr(Schema.String)),
  expires_in: Schema.optionalKey(Schema.NullOr(Schema.Union([Schema.Finite, Schema.String]))),
  interval: Schema.optionalKey(Schema.NullOr(Schema.Union([Schema.Finite, Schema.String]))),
});
const decodeDevice = Schema.decodeUnknownResult(DeviceAnswer);

/** Where the server names none (RFC 8628, 3.2). */
const defaultInterval = 5;
const defaultLifetime = 15 * 60;

async function requestDevice(flow: DeviceFlow, client: Client, run: FlowRun): Promise<Device> {
  const address = fill(flow.deviceEndpoint, run.answers);
  const scope = flow.scopes.map((each) => fill(each, run.answers)).join(' ');
  const { status, body } = await callWeb(
    {
      method: 'POST',
      address,
      headers: authentication(client),
      form: { client_id: client.id, ...(scope === '' ? {} : { scope }) },
    },
    run.web,
    run.signal,
  );
  const refused = refusalIn(body, []);
  if (refused !== undefined) throw refusal(address, refused);
  const decoded = decodeDevice(body);
  if (status >= 300 || decoded._tag === 'Failure') throw malformed(address);
  const answer = decoded.success;
  const page = answer.verification_uri_complete ?? answer.verification_uri;
  if (!isSafeAddress(page)) throw malformed(address);
  return {
    deviceCode: answer.device_code,
    code: answer.user_code,
    address: page,
    intervalMs: (secondsOf(answer.interval) ?? defaultInterval) * 1000,
    expiresAt: run.web.clock.now() + (secondsOf(answer.expires_in) ?? defaultLifetime) * 1000,
  };
}

interface Polling {
  readonly client: Client;
  readonly device: Device;
  readonly run: FlowRun;
}

async function poll(flow: DeviceFlow, { client, device, run }: Polling) {
  const { web, signal } = run;
  const endpoint = fill(flow.tokenEndpoint, run.answers);
  const form = { grant_type: deviceGrant, device_code: device.deviceCode };
  let intervalMs = device.intervalMs;
  for (;;) {
    // A code that runs out meanwhile is not waited for.
    await pauseFor(Math.min(intervalMs, device.expiresAt - web.clock.now()), web.clock, signal);
    if (web.clock.now() >= device.expiresAt) throw expired();
    const outcome = await attempt(() => requestTokens({ endpoint, client, form }, web, signal));
    if (outcome === 'unreachable') intervalMs = Math.min(intervalMs * 2, longestPauseMs);
    else if (outcome.type === 'tokens') return outcome.tokens;
    else if (outcome.error === 'slow_down') {
      intervalMs = Math.max(intervalMs + slowDownMs, (outcome.interval ?? 0) * 1000);
    } else if (expiries.has(outcome.error)) throw expired();
    else if (outcome.error !== 'authorization_pending') throw refusal(endpoint, outcome);
  }
}

const deviceGrant = 'urn:ietf:params:oauth:grant-type:device_code';
/** RFC 8628, 3.5. */
const slowDownMs = 5_000;
const longestPauseMs = 60_000;
/** The second is Microsoft's word for it, the third GitHub's. */
const expiries: ReadonlySet<string> = new Set(['expired_token', 'code_expired', 'token_expired']);

/** A connection that fails meanwhile is tried again, at a slower pace: the user is in the middle of signing in. */
async function attempt(request: () => Promise<TokenOutcome>): Promise<TokenOutcome | 'unreachable'> {
  try {
    return await request();
  } catch (error) {
    if (hasCode(error, 'credential.unreachable')) return 'unreachable';
    throw error;
  }
}

function expired(): HostError {
  return new HostError(
    'credential.code-expired',
    'The code was not entered in time and is void now. Start again to get a new one.',
  );
}
