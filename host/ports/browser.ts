/** The user's browser, which may run on another machine than the host. */
export interface Browser {
  /**
   * Opens a page; false when there is no browser that could be asked to, so that the address has to be shown. Refuses
   * with `browser.address` what is neither https nor on the loopback interface.
   */
  open(address: string): Promise<boolean>;
  /** The address under which that browser reaches a loopback address of the host's machine; often the same. */
  asExternal(address: string): Promise<string>;
}

/** An address that may be opened in a browser, or be sent a secret: https, or plain http on this very machine. */
export function isSafeAddress(address: string): boolean {
  if (!URL.canParse(address)) return false;
  const { protocol, hostname, username, password } = new URL(address);
  if (username !== '' || password !== '') return false;
  return protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname));
}

export function isLoopback(hostname: string): boolean {
  return hostname === '127.0.0.1' || hostname === '[::1]' || hostname === 'localhost';
}
