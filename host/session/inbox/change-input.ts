import { HostError, hasCode } from '#shared/host-error.ts';
import type { MessageID, SessionID } from '#shared/ids.ts';
import type { AdmittedPrompt } from '#shared/session.ts';
import type { SessionEvent } from '../session-events.ts';
import type { SessionStore } from '../session-store.ts';

export interface InboxWorld {
  readonly store: SessionStore;
}

/** An Admitted Prompt and the session it waits in. */
export interface InputKey {
  readonly id: SessionID;
  readonly messageID: MessageID;
}

/**
 * Gives a prompt that waits in the inbox another text. Against its promotion either wins whole: the model gets the new
 * text, or the edit is refused and nothing is changed.
 * @throws HostError `prompt.empty`, `prompt.unknown`, `prompt.promoted`
 */
export async function editInput(key: InputKey, text: string, world: InboxWorld): Promise<AdmittedPrompt> {
  if (text.trim() === '') {
    throw new HostError('prompt.empty', 'The prompt is empty: type what should change, or cancel it.');
  }
  const prompt = { ...(await waiting(key, world)), text };
  await change({ type: 'session.input.edited', prompt }, key, world);
  return prompt;
}

/**
 * Takes a prompt out of the inbox and returns it as it was.
 * @throws HostError `prompt.unknown`, `prompt.promoted`
 */
export async function cancelInput(key: InputKey, world: InboxWorld): Promise<AdmittedPrompt> {
  const { id: sessionID, messageID } = key;
  const prompt = await waiting(key, world);
  await change({ type: 'session.input.cancelled', sessionID, messageID }, key, world);
  return prompt;
}

/** The store decides who was first, and says so by a conflict. */
async function change(fact: SessionEvent, key: InputKey, world: InboxWorld): Promise<void> {
  try {
    await world.store.commit([fact]);
  } catch (error) {
    if (hasCode(error, 'store.conflict')) await waiting(key, world);
    throw error;
  }
}

async function waiting({ id, messageID }: InputKey, { store }: InboxWorld): Promise<AdmittedPrompt> {
  const row = await store.read('session.input', messageID);
  const data = { sessionID: id, messageID };
  if (row?.prompt.sessionID !== id) {
    throw new HostError('prompt.unknown', `No prompt ${messageID} waits in this session.`, { data });
  }
  if (!row.promoted) return row.prompt;
  const text = 'The model was given this prompt already. Nothing was changed; send a new prompt instead.';
  throw new HostError('prompt.promoted', text, { data });
}
