import { HostError } from '#shared/host-error.ts';
import type { MessageID, PartID, SessionID } from '#shared/ids.ts';
import { type MessageInfo, noTokens } from '#shared/message.ts';
import type { Part } from '#shared/part.ts';
import type { MessageWithParts, Session } from '#shared/session.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Ids } from '../../ports/ids.ts';
import { type CopyWorld, copyIn, renamed } from './copy-session.ts';
import { allMessages, standing, unknownSession } from './export-session.ts';
import { forkTitle } from './session-title.ts';

export interface ForkWorld extends CopyWorld {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly version: string;
}

/**
 * A new session with the history of this one, up to before a message or all of it, and with its Compaction. What runs is
 * not copied, and what it cost stays with the original.
 * @throws HostError `session.unknown`, `message.unknown`
 */
export async function forkSession(
  id: SessionID,
  before: MessageID | undefined,
  world: ForkWorld,
): Promise<Session> {
  const { store, clock, ids, version } = world;
  const all = await store.read('session.list');
  const session = all.find((each) => each.id === id);
  if (!session) throw unknownSession(id);
  const whole = standing(await allMessages(id, store), session.revert);
  const messages = upTo(whole, before).filter(isSettled).map(withoutCost);
  const sessionID = ids.next('ses') as SessionID;
  // What waits was said to the session that it waits in.
  const source = { messages, compactions: await store.read('session.compactions', id), inbox: [] };
  const copy = renamed(source, {
    sessionID,
    message: () => ids.next('msg') as MessageID,
    part: () => ids.next('prt') as PartID,
  });
  const { directory, agent, model, titledBy } = session;
  const now = clock.now();
  const info: Session = {
    id: sessionID,
    directory,
    forkedFrom: { sessionID: id, ...(before && { messageID: before }) },
    title: forkTitle(
      session.title,
      all.map(({ title }) => title),
    ),
    ...(titledBy && { titledBy }),
    ...(agent === undefined ? {} : { agent }),
    ...(model && { model }),
    version,
    cost: 0,
    tokens: noTokens,
    time: { created: now, updated: now },
  };
  await copyIn({ info, ...copy }, world);
  return info;
}

function upTo(
  messages: readonly MessageWithParts[],
  before: MessageID | undefined,
): readonly MessageWithParts[] {
  if (before === undefined) return messages;
  const end = messages.findIndex(({ info }) => info.id === before);
  if (end !== -1) return messages.slice(0, end);
  const text = `There is no message ${before} in the history of this session.`;
  throw new HostError('message.unknown', text, { data: { messageID: before } });
}

/** A turn that runs, or waits for an answer, belongs to the session that it runs in. */
function isSettled({ info }: MessageWithParts): boolean {
  return info.role === 'user' || info.time.completed !== undefined;
}

/** Its tokens stay: they tell how full the context is. */
function withoutCost({ info, parts }: MessageWithParts): MessageWithParts {
  const free: MessageInfo = info.role === 'user' ? info : { ...info, cost: 0 };
  const freeParts = parts.map((part): Part => (part.type === 'step-finish' ? { ...part, cost: 0 } : part));
  return { info: free, parts: freeParts };
}
