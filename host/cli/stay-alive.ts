/**
 * What `work` comes to. Until then the process stays: what is waited for may be nothing that Node stays for, such as
 * the pace at which a server is asked whether the user has signed in.
 */
export async function stayAlive<T>(work: Promise<T>): Promise<T> {
  const alive = setInterval(() => undefined, 2 ** 30);
  try {
    return await work;
  } finally {
    clearInterval(alive);
  }
}
