type Resource = Disposable | AsyncDisposable;

/** Owns what was opened: disposes of it in reverse order, once, and goes on when one of them fails. */
export interface Resources extends AsyncDisposable {
  use<T extends Resource>(resource: T): T;
}

/** Node's own AsyncDisposableStack came after the oldest editor that we run in. */
export function createResources(): Resources {
  const opened: Resource[] = [];
  return {
    use(resource) {
      opened.push(resource);
      return resource;
    },
    async [Symbol.asyncDispose]() {
      const failures: unknown[] = [];
      for (const resource of opened.splice(0).reverse()) {
        try {
          if (Symbol.asyncDispose in resource) await resource[Symbol.asyncDispose]();
          else resource[Symbol.dispose]();
        } catch (error) {
          failures.push(error);
        }
      }
      if (failures.length > 0) throw failures[0];
    },
  };
}
