interface Changing {
  onChange(listener: () => void): Disposable;
}

/** One subscription to several sources: the listener is told of a change in any of them. */
export function changesOf(sources: readonly Changing[]): (listener: () => void) => Disposable {
  return (listener) => {
    const subscriptions = sources.map((source) => source.onChange(() => listener()));
    return {
      [Symbol.dispose]() {
        for (const subscription of subscriptions) subscription[Symbol.dispose]();
      },
    };
  };
}
