import type * as vscode from 'vscode';
import type { SessionID } from '#shared/ids.ts';
import type { ModelRef } from '#shared/message.ts';

interface Remembered {
  readonly agent?: string;
  readonly model?: ModelRef | null;
  /** The session that the chat shows; null: a new one that has no prompt yet. */
  readonly sessionID?: SessionID | null;
}

const key = 'millrace.chat';

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
}
