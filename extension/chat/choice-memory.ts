import type * as vscode from 'vscode';
import type { SessionID } from '#shared/ids.ts';
import type { ModelRef } from '#shared/message.ts';
import { modelName } from '#shared/parse-model.ts';

interface Remembered {
  readonly agent?: string;
  readonly model?: ModelRef | null;
  /** What was chosen last, the newest first. */
  readonly recentModels?: readonly ModelRef[];
  /** The session that the chat shows; null: a new one that has no prompt yet. */
  readonly sessionID?: SessionID | null;
}

const key = 'millrace.chat';
const recentLimit = 4;

/** What the chat was set to in this workspace, kept over reloads. */
export class ChoiceMemory {
  readonly #state: vscode.Memento;

  constructor(state: vscode.Memento) {
    this.#state = state;
  }

  read(): Remembered {
    return this.#state.get<Remembered>(key, {});
  }

  async write(change: Remembered): Promise<void> {
    await this.#state.update(key, { ...this.read(), ...change });
  }

  /** A model was chosen, or one of its variants: it is the first of those that were used last. */
  async writeModel(model: ModelRef): Promise<void> {
    const { recentModels = [] } = this.read();
    const others = recentModels.filter((ref) => modelName(ref) !== modelName(model));
    await this.write({ model, recentModels: [model, ...others].slice(0, recentLimit) });
  }
}
