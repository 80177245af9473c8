import type { Host } from '#host/host.ts';
import { hasCode } from '#shared/host-error.ts';
import type { MessageID, SessionID } from '#shared/ids.ts';
import type { Notice } from '#shared/notice.ts';
import type { FromWebview, ToWebview } from '#shared/protocol.ts';
import type { MessageWithParts } from '#shared/session.ts';
import { createSearch } from './session-search.ts';
import { windowSize } from './shown-session.ts';

type Message<T extends FromWebview['type']> = Extract<FromWebview, { type: T }>;

/** Messages of the page that manage sessions, and the prompts that wait in them. */
export type SessionMessage = Message<
  | 'input.edit'
  | 'input.cancel'
  | 'session.rename'
  | 'session.archive'
  | 'session.delete'
  | 'session.fork'
  | 'session.revert'
  | 'session.unrevert'
  | 'session.compact'
  | 'session.search'
  | 'session.export'
  | 'sessions.adopt'
  | 'sessions.adopt.decline'
>;

type Sessions = Host['sessions'];
export type RevertOutcome = Awaited<ReturnType<Sessions['revert']>>;
export type RevertOptions = NonNullable<Parameters<Sessions['revert']>[2]>;

/** The part of the host that manages sessions. */
export interface SessionHost extends Pick<Host, 'adopt' | 'declineAdoption'> {
  readonly sessions: Pick<
    Sessions,
    | 'editInput'
    | 'cancelInput'
    | 'rename'
    | 'archive'
    | 'delete'
    | 'fork'
    | 'search'
    | 'export'
    | 'revert'
    | 'unrevert'
    | 'compact'
    | 'get'
    | 'older'
  >;
}

/** What the user is asked outside the page, and where the file of a session goes. */
export interface SessionDialogs {
  /** Whether to delete the session for good. */
  confirmDelete(title: string): Promise<boolean>;
  /** What to do about files that changed outside the session; undefined: nothing at all. */
  resolveConflict(files: readonly string[]): Promise<RevertOptions | undefined>;
  /** Asks for a place and writes there what `read` gives; nothing is read when the user gives up. */
  save(title: string, read: () => Promise<unknown>): Promise<void>;
}

/** The chat that the messages come from. */
export interface SessionPage {
  readonly post: (message: ToWebview) => void;
  readonly show: (id: SessionID) => Promise<void>;
  /** Tells something above the conversation. */
  readonly raise: (notice: Notice) => void;
  /** @throws HostError `location.none` where the session's folder is not open in this window: no work on it then */
  readonly requireFolder: (id: SessionID) => Promise<void>;
  /** A drain of the shown session runs. */
  readonly isBusy: () => boolean;
  /** What the chat holds of the shown session, in order. */
  readonly messages: () => readonly MessageWithParts[];
}

export interface SessionWorld {
  readonly page: SessionPage;
  readonly dialogs: SessionDialogs;
}

const types: ReadonlySet<string> = new Set<SessionMessage['type']>([
  'input.edit',
  'input.cancel',
  'session.rename',
  'session.archive',
  'session.delete',
  'session.fork',
  'session.revert',
  'session.unrevert',
  'session.compact',
  'session.search',
  'session.export',
  'sessions.adopt',
  'sessions.adopt.decline',
]);

export function isSessionMessage(message: FromWebview): message is SessionMessage {
  return types.has(message.type);
}

/** Handles what a page asks about sessions. What fails is thrown, and told by who called. */
export function createSessionMessages(world: SessionWorld) {
  const search = createSearch(world.page.post);
  return async (message: SessionMessage, host: SessionHost): Promise<void> => {
    const { sessions } = host;
    switch (message.type) {
      case 'input.edit':
        return editInput(message, host, world.page);
      case 'input.cancel':
        return draft((await sessions.cancelInput(message.sessionID, message.messageID)).text, world.page);
      case 'session.rename':
        return sessions.rename(message.sessionID, message.title);
      case 'session.archive':
        return sessions.archive(message.sessionID, message.archived);
      case 'session.delete':
        return deleteSession(message.sessionID, host, world.dialogs);
      case 'session.fork':
        return fork(message, host, world.page);
      case 'session.revert':
        return revert(message, host, world);
      case 'session.unrevert':
        await world.page.requireFolder(message.sessionID);
        await resolved((options) => sessions.unrevert(message.sessionID, options), world);
        return;
      case 'session.compact':
        return compact(message.sessionID, host, world.page);
      case 'session.search':
        return search(message.query, host);
      case 'session.export':
        return exportSession(message.sessionID, host, world.dialogs);
      case 'sessions.adopt':
        await host.adopt(message.storage);
        return;
      case 'sessions.adopt.decline':
        return host.declineAdoption(message.storage);
    }
  };
}

/** In the middle of a run nothing is seen of it yet. */
async function compact(id: SessionID, { sessions }: SessionHost, page: SessionPage): Promise<void> {
  await page.requireFolder(id);
  const later = page.isBusy();
  await sessions.compact(id);
  if (later) page.raise({ ...told('compact.later'), key: 'compact' });
}

async function editInput(
  { sessionID, messageID, text }: Message<'input.edit'>,
  { sessions }: SessionHost,
  page: SessionPage,
): Promise<void> {
  try {
    await sessions.editInput(sessionID, messageID, text);
  } catch (error) {
    // The model was quicker: what the user wrote is not lost with it.
    if (!hasCode(error, 'prompt.promoted')) throw error;
    page.raise(told('inbox.late'));
    draft(text, page);
  }
}

async function deleteSession(
  id: SessionID,
  { sessions }: SessionHost,
  dialogs: SessionDialogs,
): Promise<void> {
  const session = await sessions.get(id);
  if (session && (await dialogs.confirmDelete(session.title))) await sessions.delete(id);
}

async function exportSession(
  id: SessionID,
  { sessions }: SessionHost,
  dialogs: SessionDialogs,
): Promise<void> {
  const session = await sessions.get(id);
  if (session) await dialogs.save(session.title, () => sessions.export(id));
}

/** The fork is shown, with the prompt it was made at in the box: to be said differently. */
async function fork(
  { sessionID, messageID }: Message<'session.fork'>,
  host: SessionHost,
  page: SessionPage,
): Promise<void> {
  const text = messageID ? await promptText(messageID, { sessionID, host, page }) : '';
  const made = await host.sessions.fork(sessionID, messageID ?? undefined);
  await page.show(made.id);
  draft(text, page);
}

async function revert(
  { sessionID, messageID }: Message<'session.revert'>,
  host: SessionHost,
  { page, dialogs }: SessionWorld,
): Promise<void> {
  await page.requireFolder(sessionID);
  const text = await promptText(messageID, { sessionID, host, page });
  const outcome = await resolved((options) => host.sessions.revert(sessionID, messageID, options), {
    page,
    dialogs,
  });
  if (outcome?.type !== 'reverted') return;
  if (outcome.unseen) page.raise(told('revert.unseen'));
  draft(text, page);
}

/**
 * Runs a revert, or the way back. Where files stand in its way the user chooses; undefined means that they chose to
 * leave everything. What could not be done is told.
 */
async function resolved(
  run: (options?: RevertOptions) => Promise<RevertOutcome>,
  { page, dialogs }: SessionWorld,
): Promise<RevertOutcome | undefined> {
  const first = await run();
  const choice = first.type === 'conflict' ? await dialogs.resolveConflict(first.files) : undefined;
  const outcome = first.type === 'conflict' ? choice && (await run(choice)) : first;
  for (const notice of outcome ? troubles(outcome) : []) page.raise(notice);
  return outcome;
}

function troubles(outcome: RevertOutcome): readonly Notice[] {
  if (outcome.type === 'conflict') return [];
  const left = outcome.left.join(', ');
  if (outcome.type !== 'failed') return left === '' ? [] : [told('revert.left', left)];
  const code = left === '' ? 'revert.failed' : 'revert.torn';
  return [{ ...told(code, outcome.text, left), level: 'error' }];
}

interface PromptPlace {
  readonly sessionID: SessionID;
  readonly host: SessionHost;
  readonly page: SessionPage;
}

/** What the user wrote in a prompt of history, which may lie before what the chat holds; empty when it is gone. */
async function promptText(id: MessageID, { sessionID, host, page }: PromptPlace): Promise<string> {
  let messages = page.messages();
  let hasOlder = true;
  for (;;) {
    const found = messages.find(({ info }) => info.id === id);
    const before = messages[0]?.info.id;
    if (found) return textOf(found);
    if (!hasOlder || before === undefined) return '';
    ({ messages, hasOlder } = await host.sessions.older(sessionID, { before, limit: windowSize }));
  }
}

function textOf({ parts }: MessageWithParts): string {
  const texts = parts.flatMap((part) => (part.type === 'text' && part.synthetic !== true ? [part.text] : []));
  return texts.join('\n\n');
}

function draft(text: string, page: SessionPage): void {
  if (text !== '') page.post({ type: 'draft', text });
}

function told(code: string, ...facts: readonly string[]): Notice {
  return { key: code, level: 'info', code, data: Object.fromEntries(facts.entries()) };
}
