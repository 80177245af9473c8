import { hasCode } from '#shared/host-error.ts';
import type { MessageID, PartID, SessionID } from '#shared/ids.ts';
import type { MessageInfo } from '#shared/message.ts';
import type { Part, ToolState } from '#shared/part.ts';
import type { MessageWithParts, Session } from '#shared/session.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Ids } from '../../ports/ids.ts';
import { interruptedError } from '../errors.ts';
import { titleOf } from '../inbox/title-of.ts';
import { type CopyWorld, copyIn, type Renaming, renamed } from './copy-session.ts';
import { decodeSessionFile } from './decode-file.ts';
import type { SessionFile } from './session-file.ts';
import { titleLine } from './session-title.ts';

export interface ImportOptions {
  /** The Location that the session belongs to from now on: an absolute folder path. */
  readonly directory: string;
}

export interface ImportWorld extends CopyWorld {
  readonly clock: Clock;
  readonly ids: Ids;
  /** Removes what was made of a session that could not be copied whole. */
  readonly discard: (id: SessionID) => Promise<void>;
  /** A foreign file had messages or parts without a counterpart here. */
  readonly onDropped: (id: SessionID, count: number) => void;
}

/**
 * Makes a session of a file's parsed JSON, with the sessions below it: under their own ids where these are free, else
 * under new ones. Nothing runs by it: prompts that waited wait on, a turn that was open is closed as interrupted.
 * @throws HostError `import.invalid`, `import.newer`, or the code of a store that cannot be written
 */
export async function importSession(
  file: unknown,
  { directory }: ImportOptions,
  world: ImportWorld,
): Promise<Session> {
  const decoded = decodeSessionFile(file);
  const made: SessionID[] = [];
  try {
    const session = await importOne(decoded.file, { directory, made }, world);
    if (decoded.dropped > 0) world.onDropped(session.id, decoded.dropped);
    return session;
  } catch (error) {
    const [root] = made;
    if (root && (await world.store.read('session.get', root))) await world.discard(root);
    throw error;
  }
}

interface Import extends ImportOptions {
  readonly parentID?: SessionID;
  /** Sessions that this import has created, the topmost first. */
  readonly made: SessionID[];
}

async function importOne(file: SessionFile, place: Import, world: ImportWorld): Promise<Session> {
  const { info: given, messages, compactions = [], inbox = [], children } = file;
  const { directory, parentID, made } = place;
  const whole = messages.map((message) => closed(message, world.clock.now()));
  const { parentID: _, revert: __, ...rest } = given;
  const title = titleLine(given.title) || titleOf(firstText(file)) || given.id;
  const create = async (naming: Renaming): Promise<Session> => {
    const id = naming.sessionID;
    const info: Session = { ...rest, id, directory, ...(parentID && { parentID }), title };
    const copy = { info, ...renamed({ messages: whole, compactions, inbox }, naming) };
    await copyIn(copy, world, () => made.push(id));
    return info;
  };
  const before = made.length;
  const created = await create(await namingOf(file, world)).catch((error: unknown) => {
    // Somebody took one of the file's ids since they were looked up, such as another import of the same file.
    if (!hasCode(error, 'store.conflict') || made.length > before) throw error;
    return create(newNames(world.ids));
  });
  for (const child of children) await importOne(child, { directory, parentID: created.id, made }, world);
  return created;
}

/** The file's own ids, or new ones for all of it where one of them is taken or no name for a file. */
async function namingOf(
  { info: { id: session }, messages, inbox = [] }: SessionFile,
  { store, ids }: ImportWorld,
): Promise<Renaming> {
  const own = {
    session,
    messages: [...messages.map(({ info }) => info), ...inbox].map(({ id }) => id),
    parts: messages.flatMap(({ parts }) => parts.map(({ id }) => id)),
  };
  const isFree = safeID.test(session) && !(await store.read('session.taken', own));
  return isFree ? { sessionID: session, message: (old) => old, part: (old) => old } : newNames(ids);
}

function newNames(ids: Ids): Renaming {
  return {
    sessionID: ids.next('ses') as SessionID,
    message: () => ids.next('msg') as MessageID,
    part: () => ids.next('prt') as PartID,
  };
}

/** Files are named after a session. */
const safeID = /^ses_\w+$/;

function firstText({ messages, inbox = [] }: SessionFile): string {
  const parts = messages.flatMap((message) => (message.info.role === 'user' ? message.parts : []));
  return parts.find((part) => part.type === 'text')?.text ?? inbox[0]?.text ?? '';
}

/** Nothing of a file runs here, and whole outputs that lay beside the original are not there. */
function closed({ info, parts }: MessageWithParts, now: number): MessageWithParts {
  const isOpen = info.role === 'assistant' && info.time.completed === undefined;
  const ended: MessageInfo = isOpen
    ? { ...info, error: interruptedError, time: { ...info.time, completed: now } }
    : info;
  return { info: ended, parts: parts.map((part) => closedPart(part, now)) };
}

function closedPart(part: Part, now: number): Part {
  if (part.type === 'tool') return { ...part, state: closedState(part.state, now) };
  if (part.type === 'reasoning') return { ...part, time: { ...part.time, end: part.time.end ?? now } };
  if (part.type !== 'text' || !part.time) return part;
  return { ...part, time: { ...part.time, end: part.time.end ?? now } };
}

function closedState(state: ToolState, now: number): ToolState {
  if (state.status === 'completed') {
    const { outputPath: _, ...metadata } = state.metadata;
    return { ...state, metadata };
  }
  if (state.status === 'error') {
    const { outputPath: _, ...metadata } = state.metadata ?? {};
    return state.metadata ? { ...state, metadata } : state;
  }
  return {
    status: 'error',
    input: state.input,
    error: 'The call was interrupted: the session was exported while it ran. What it did is not known.',
    failure: 'interrupted',
    time: { start: state.status === 'running' ? state.time.start : now, end: now },
  };
}
