import type { Flow, KeyFlow } from './flow.ts';

/** One way to sign in, for people to choose. */
export interface MethodInfo {
  readonly method: string;
  readonly type: Flow['type'];
  readonly name: string;
  /** Where the key, or the client that the flow asks for, is made. */
  readonly link?: string;
  /** The user needs a client of their own. */
  readonly needsClient: boolean;
  /** False where nobody has signed in at the service in this way yet. */
  readonly verified: boolean;
  readonly remark?: string;
  readonly sources: readonly string[];
}

export function methodInfo(flow: Flow): MethodInfo {
  const { method, type, name, sources } = flow;
  if (type === 'key') {
    const link = flow.link === '' ? {} : { link: flow.link };
    return { method, type, name, sources, needsClient: false, verified: true, ...link };
  }
  const { client, verified, remark } = flow;
  return {
    ...{ method, type, name, sources, verified, needsClient: client.type === 'asked' },
    ...(client.type === 'asked' ? { link: client.link } : {}),
    ...(remark === undefined ? {} : { remark }),
  };
}

/** For a provider that no flow describes: a key is pasted, wherever it comes from. */
export function keyFlow(providerID: string): KeyFlow {
  return { type: 'key', providerID, method: 'key', name: 'API key', sources: [], link: '', variables: [] };
}
