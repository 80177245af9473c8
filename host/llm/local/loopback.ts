const loopback = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/** Whether an address is one of this machine's own, as it is written: no name is looked up. */
export function isLoopback(address: string): boolean {
  if (!URL.canParse(address)) return false;
  const { protocol, hostname } = new URL(address);
  return webProtocol.test(protocol) && loopback.test(hostname);
}

const webProtocol = /^https?:$/;
