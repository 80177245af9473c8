import * as http from 'node:http';
import { say } from '#shared/words.ts';

/** Node's own, and not in every Node that we run in. */
interface ProxyAware {
  readonly globalAgent: unknown;
  readonly setGlobalProxyFromEnv?: () => unknown;
}

const names = ['http_proxy', 'HTTP_PROXY', 'https_proxy', 'HTTPS_PROXY'];

/**
 * Sends every request of this process through the proxy that the environment names (`HTTP_PROXY`, `HTTPS_PROXY`,
 * `NO_PROXY`, in either case). Certificates that the environment adds (`NODE_EXTRA_CA_CERTS`) Node reads by itself.
 * Source: https://nodejs.org/api/http.html#built-in-proxy-support
 */
export function useProxy(
  variables: Readonly<Record<string, string | undefined>>,
  tell: (line: string) => void,
  { setGlobalProxyFromEnv }: ProxyAware = http,
): void {
  // What is not asked for costs nothing: a proxy brings a client of its own.
  if (!names.some((name) => variables[name])) return;
  if (setGlobalProxyFromEnv) setGlobalProxyFromEnv();
  else tell(say({}, 'cli.proxy.unknown', [process.version]));
}
