import type { MessageID } from '#shared/ids.ts';
import type { LayerRules } from '../../permission/layer-rules.ts';

/** The rules that hold for the calls of a provider turn, whatever the user switches to meanwhile (TL-06). */
export interface PinnedRules {
  pin(turn: MessageID, layers: readonly LayerRules[]): Disposable;
  of(turn: MessageID): readonly LayerRules[];
}

export function createPinnedRules(): PinnedRules {
  const byTurn = new Map<MessageID, readonly LayerRules[]>();
  return {
    pin(turn, layers) {
      byTurn.set(turn, layers);
      return { [Symbol.dispose]: () => void byTurn.delete(turn) };
    },
    of(turn) {
      const layers = byTurn.get(turn);
      if (!layers) throw new Error('Calls are settled while their turn is pinned');
      return layers;
    },
  };
}
