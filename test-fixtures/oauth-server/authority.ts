import { createHash, randomBytes } from 'node:crypto';
import type { LoggedRequest } from './server.ts';

export interface Answer {
  readonly status: number;
  /** A text is sent as it is. */
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** How the server is to be; tests change it as they go. */
export interface Plan {
  authorize: 'approve' | 'deny' | 'wrong-state' | 'no-state' | 'no-code' | 'wrong-issuer';
  /** Seconds; undefined leaves it out of the answers. */
  expiresIn: number | string | undefined;
  /** Whether a refresh token is good once, as it is with most. */
  rotates: boolean;
  /** What the device endpoint adds to, or has in place of, its own answer. */
  device: Readonly<Record<string, unknown>>;
  /** A secret that clients must prove to have. */
  clientSecret: string | undefined;
  /** Seconds since the epoch, when the second token runs out. */
  shortExpiry: number;
  /** What the answer with the second token says of addresses. */
  shortAddress: string;
}

interface Family {
  access: string;
  refresh: string;
  readonly used: Set<string>;
  isVoid: boolean;
}

interface Code {
  readonly challenge: string;
  readonly redirect: string;
  readonly client: string;
}

/** What an authorization server knows and decides. */
export function createAuthority() {
  const plan: Plan = {
    authorize: 'approve',
    expiresIn: 3600,
    rotates: true,
    device: {},
    clientSecret: undefined,
    shortExpiry: 0,
    shortAddress: '',
  };
  const codes = new Map<string, Code>();
  const devices = new Map<
    string,
    { readonly userCode: string; decision: 'pending' | 'approved' | 'denied' }
  >();
  const families: Family[] = [];
  const issued: string[] = [];
  let reused = 0;

  const tokens = (family: Family): Answer => {
    issued.push(family.access);
    const expiry = plan.expiresIn === undefined ? {} : { expires_in: plan.expiresIn };
    const claims = { email: 'ada@example.org', account: { id: 'acc-1' } };
    const body = {
      access_token: family.access,
      token_type: 'Bearer',
      refresh_token: family.refresh,
      id_token: `x.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.x`,
      ...expiry,
    };
    return { status: 200, body };
  };
  const newFamily = (): Answer => {
    const family = {
      access: secret('access'),
      refresh: secret('refresh'),
      used: new Set<string>(),
      isVoid: false,
    };
    families.push(family);
    return tokens(family);
  };

  const authorize = ({ fields }: LoggedRequest, origin: string): Answer => {
    const back = new URL(fields['redirect_uri'] ?? '');
    if (back.protocol !== 'http:' || fields['code_challenge_method'] !== 'S256' || !fields['client_id']) {
      return refused('invalid_request');
    }
    if (plan.authorize !== 'no-state') {
      back.searchParams.set(
        'state',
        plan.authorize === 'wrong-state' ? secret('state') : (fields['state'] ?? ''),
      );
    }
    if (plan.authorize === 'deny') back.searchParams.set('error', 'access_denied');
    else if (plan.authorize !== 'no-code') {
      const code = secret('code');
      const { code_challenge: challenge = '', redirect_uri: redirect = '', client_id: client = '' } = fields;
      codes.set(code, { challenge, redirect, client });
      back.searchParams.set('code', code);
      back.searchParams.set('iss', plan.authorize === 'wrong-issuer' ? 'https://evil.test' : origin);
    }
    return { status: 302, body: '', headers: { location: back.href } };
  };
  const byCode = ({ fields }: LoggedRequest): Answer => {
    const code = codes.get(fields['code'] ?? '');
    codes.delete(fields['code'] ?? '');
    const challenge = createHash('sha256')
      .update(fields['code_verifier'] ?? '')
      .digest('base64url');
    const fits = code?.challenge === challenge && code.redirect === fields['redirect_uri'];
    return fits && code.client === fields['client_id'] ? newFamily() : refused('invalid_grant');
  };
  const byDevice = ({ fields }: LoggedRequest): Answer => {
    const device = devices.get(fields['device_code'] ?? '');
    if (device === undefined) return refused('invalid_grant');
    if (device.decision === 'pending') return refused('authorization_pending');
    devices.delete(fields['device_code'] ?? '');
    return device.decision === 'denied' ? refused('access_denied') : newFamily();
  };
  const byRefresh = ({ fields }: LoggedRequest): Answer => {
    const token = fields['refresh_token'] ?? '';
    const family = families.find(({ refresh, used }) => refresh === token || used.has(token));
    if (family?.used.has(token)) {
      // Used twice: somebody else may have it, so all that came of it ends (RFC 9700, 4.14.2).
      reused += 1;
      family.isVoid = true;
    }
    if (family === undefined || family.isVoid) return refused('invalid_grant', `The token ${token} is void.`);
    family.access = secret('access');
    if (plan.rotates) {
      family.used.add(family.refresh);
      family.refresh = secret('refresh');
    }
    return tokens(family);
  };
  const token = (request: LoggedRequest): Answer => {
    if (!isClient(request, plan.clientSecret)) return { ...refused('invalid_client'), status: 401 };
    switch (request.fields['grant_type']) {
      case 'authorization_code':
        return byCode(request);
      case 'urn:ietf:params:oauth:grant-type:device_code':
        return byDevice(request);
      case 'refresh_token':
        return byRefresh(request);
      default:
        return refused('unsupported_grant_type');
    }
  };
  const device = (origin: string): Answer => {
    const [deviceCode, userCode] = [secret('device'), `CODE-${devices.size + 1}`];
    devices.set(deviceCode, { userCode, decision: 'pending' });
    const own = { device_code: deviceCode, user_code: userCode, verification_uri: `${origin}/enter` };
    return { status: 200, body: { ...own, expires_in: 900, interval: 5, ...plan.device } };
  };
  const short = ({ headers }: LoggedRequest): Answer => {
    const family = families.find(({ access }) => headers.authorization === `token ${access}`);
    if (family === undefined || family.isVoid) return { status: 401, body: { message: 'Bad credentials' } };
    const body = {
      token: secret('short'),
      expires_at: plan.shortExpiry,
      endpoints: { api: plan.shortAddress },
    };
    return { status: 200, body };
  };
  const revoke = ({ fields }: LoggedRequest): Answer => {
    for (const family of families) {
      if ([family.access, family.refresh].includes(fields['token'] ?? '')) family.isVoid = true;
    }
    return { status: 200, body: {} };
  };

  return {
    plan,
    reused: () => reused,
    issued: () => issued,
    decide(userCode: string, decision: 'approved' | 'denied') {
      for (const each of devices.values()) if (each.userCode === userCode) each.decision = decision;
    },
    revokeAll() {
      for (const family of families) family.isVoid = true;
    },
    answer(request: LoggedRequest, origin: string): Answer {
      switch (`${request.method} ${request.path}`) {
        case 'GET /authorize':
          return authorize(request, origin);
        case 'POST /token':
          return token(request);
        case 'POST /device':
          return device(origin);
        case 'GET /short':
          return short(request);
        case 'POST /revoke':
          return revoke(request);
        case 'POST /register':
          return { status: 201, body: { client_id: secret('client') } };
        default:
          return { status: 404, body: { message: 'Not Found' } };
      }
    },
  };
}

/** Recognisable, so that a test can look for it wherever it must not be. */
function secret(kind: string): string {
  return `secret-${kind}-${randomBytes(12).toString('hex')}`;
}

function refused(error: string, words?: string): Answer {
  return { status: 400, body: { error, ...(words === undefined ? {} : { error_description: words }) } };
}

function isClient({ headers, fields }: LoggedRequest, wanted: string | undefined): boolean {
  if (wanted === undefined) return true;
  const pair = Buffer.from(headers.authorization?.replace('Basic ', '') ?? '', 'base64').toString();
  return pair === `${fields['client_id']}:${wanted}`;
}
