import type { MessageID, PartID, SessionID } from '#shared/ids.ts';
import type { MessageInfo } from '#shared/message.ts';
import type { Part } from '#shared/part.ts';
import type { AdmittedPrompt, MessageWithParts, Session } from '#shared/session.ts';
import type { HeldCompaction } from '../history-projection.ts';
import type { SessionEvent } from '../session-events.ts';
import type { SessionStore } from '../session-store.ts';

/** A session that is to be, under its own ids. */
export interface SessionCopy {
  readonly info: Session;
  readonly messages: readonly MessageWithParts[];
  /** Those of its history, oldest first. */
  readonly compactions: readonly HeldCompaction[];
  /** Prompts that wait, oldest first: they go on waiting, and run nothing. */
  readonly inbox: readonly AdmittedPrompt[];
}

export interface CopyWorld {
  readonly store: SessionStore;
  /** Sessions that are being copied in by this process. */
  readonly copying: Set<SessionID>;
}

/** The new names of what is copied. */
export interface Renaming {
  readonly sessionID: SessionID;
  readonly message: (old: MessageID) => MessageID;
  readonly part: (old: PartID) => PartID;
}

/** Characters of messages that one commit takes. */
const perCommit = 4_000_000;

/**
 * Messages, Compactions and waiting prompts under new ids, with every link between them; call ids stay, because they are the provider's
 * and hold within a turn. A Compaction of which a message is missing is left out.
 */
export function renamed(
  { messages, compactions, inbox }: Omit<SessionCopy, 'info'>,
  { sessionID, message, part }: Renaming,
): Omit<SessionCopy, 'info'> {
  const names = new Map(messages.map(({ info }) => [info.id, message(info.id)]));
  const nameOf = (old: MessageID) => names.get(old) ?? old;
  const infoOf = (info: MessageInfo): MessageInfo =>
    info.role === 'user'
      ? { ...info, sessionID, id: nameOf(info.id) }
      : { ...info, sessionID, id: nameOf(info.id), parentID: nameOf(info.parentID) };
  const partOf = (each: Part, messageID: MessageID): Part => ({
    ...each,
    id: part(each.id),
    sessionID,
    messageID,
  });
  const isWhole = ({ summary, answered, kept }: HeldCompaction) =>
    [summary, ...answered, ...kept].every((id) => names.has(id));
  return {
    messages: messages.map(({ info, parts }) => ({
      info: infoOf(info),
      parts: parts.map((each) => partOf(each, nameOf(info.id))),
    })),
    compactions: compactions.filter(isWhole).map(({ summary, answered, kept }) => ({
      summary: nameOf(summary),
      answered: answered.map(nameOf),
      kept: kept.map(nameOf),
    })),
    inbox: inbox.map((prompt) => ({ ...prompt, id: message(prompt.id), sessionID })),
  };
}

/**
 * Makes the session, in one commit or, where it is large, in several: a restart before the last of them removes what
 * there is of it. `onCreated` is told once the session is there: what fails before it has made nothing.
 * @throws HostError `store.conflict` when an id is taken, or the code of a store that cannot be written
 */
export async function copyIn(
  { info, messages, compactions, inbox }: SessionCopy,
  { store, copying }: CopyWorld,
  onCreated: () => void = () => undefined,
): Promise<void> {
  const sessionID = info.id;
  const chunks = inChunks(messages);
  const created: SessionEvent = { type: 'session.created', info };
  const ends: readonly SessionEvent[] = [
    ...compactions.map(
      (each) => ({ type: 'session.compacted', sessionID, ...each, time: info.time.updated }) as const,
    ),
    ...inbox.map((prompt) => ({ type: 'session.input.admitted', prompt }) as const),
  ];
  const [only = []] = chunks;
  if (chunks.length <= 1) {
    await store.commit([created, ...only, ...ends]);
    onCreated();
    return;
  }
  copying.add(sessionID);
  try {
    await store.commit([created, { type: 'session.copy.began', sessionID }]);
    onCreated();
    for (const chunk of chunks) await store.commit(chunk);
    await store.commit([...ends, { type: 'session.copy.ended', sessionID }]);
  } finally {
    copying.delete(sessionID);
  }
}

function inChunks(messages: readonly MessageWithParts[]): readonly (readonly SessionEvent[])[] {
  const chunks: SessionEvent[][] = [];
  let room = 0;
  for (const message of messages) {
    const size = JSON.stringify(message).length;
    if (size > room) {
      chunks.push([]);
      room = perCommit;
    }
    chunks.at(-1)?.push({ type: 'session.message.copied', ...message });
    room -= size;
  }
  return chunks;
}
