import { useLayoutEffect, useState } from 'preact/hooks';
import { reduce } from './reduce.ts';
import { type ChatAction, type ChatState, initialState } from './state.ts';

export interface Store {
  readonly getState: () => ChatState;
  readonly dispatch: (action: ChatAction) => void;
  /** Calls back after each change; the returned function ends that. */
  readonly subscribe: (listener: () => void) => () => void;
}

/** Holds the one state. Listeners run in the order they came, each seeing the newest state. */
export function createStore(start: ChatState = initialState): Store {
  let state = start;
  const listeners = new Set<() => void>();
  return {
    getState: () => state,
    dispatch: (action) => {
      const next = reduce(state, action);
      if (next === state) return;
      state = next;
      for (const listener of [...listeners]) listener();
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** The store's state in a component; draws again when it changes. */
export function useStore(store: Store): ChatState {
  const [state, setState] = useState(store.getState);
  useLayoutEffect(() => {
    setState(store.getState());
    return store.subscribe(() => setState(store.getState()));
  }, [store]);
  return state;
}
