/** Named latches: tests order races with them instead of sleeping. */
export class Gates {
  readonly #gates = new Map<string, Gate>();

  /** Resolves when the gate is open; at once if it already is. */
  async pass(name: string): Promise<void> {
    const gate = this.#gate(name);
    gate.reached.resolve();
    await gate.opened.promise;
  }

  /** Lets through all that wait and all that come. */
  open(name: string): void {
    this.#gate(name).opened.resolve();
  }

  /** Resolves when somebody stands, or stood, at the gate. */
  reached(name: string): Promise<void> {
    return this.#gate(name).reached.promise;
  }

  #gate(name: string): Gate {
    const known = this.#gates.get(name);
    if (known !== undefined) return known;
    const gate = { opened: Promise.withResolvers<void>(), reached: Promise.withResolvers<void>() };
    this.#gates.set(name, gate);
    return gate;
  }
}

type Gate = { readonly opened: PromiseWithResolvers<void>; readonly reached: PromiseWithResolvers<void> };
