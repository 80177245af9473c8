import type { ViewEvent } from './events.ts';
import type { MessageID, PartID, SessionID } from './ids.ts';
import type { Part } from './part.ts';
import type { PermissionRequest } from './permission.ts';
import type { AdmittedPrompt, MessageWithParts, Session, SessionStatus } from './session.ts';

/** One session as surfaces see it. Messages are in order; `inbox` holds prompts not yet in history. */
export interface SessionView {
  readonly session: Session;
  readonly status: SessionStatus;
  readonly inbox: readonly AdmittedPrompt[];
  readonly messages: readonly MessageWithParts[];
  readonly permissions: readonly PermissionRequest[];
}

/**
 * The one fold: every surface runs it over the view stream, and state changes in no other way.
 * Pure; unchanged messages keep their identity, so that a view can skip them. Applying an upsert twice is harmless.
 */
export function fold(view: SessionView, event: ViewEvent): SessionView {
  switch (event.type) {
    case 'session.created':
    case 'session.updated':
      return event.properties.info.id === view.session.id
        ? { ...view, session: event.properties.info }
        : view;
    case 'session.status':
      return inSession(view, event.properties.sessionID, () => ({ status: event.properties.status }));
    case 'session.input.admitted':
      return inSession(view, event.properties.sessionID, () => admit(view, event.properties.prompt));
    case 'session.input.promoted':
    case 'session.input.cancelled':
      return inSession(view, event.properties.sessionID, () => ({
        inbox: view.inbox.filter((prompt) => prompt.id !== event.properties.messageID),
      }));
    case 'message.updated':
      return inSession(view, event.properties.sessionID, () => ({
        messages: upsertMessage(view.messages, { info: event.properties.info, parts: [] }),
      }));
    case 'message.removed':
      return inSession(view, event.properties.sessionID, () =>
        removeMessage(view, event.properties.messageID),
      );
    case 'message.part.updated':
      return inSession(view, event.properties.sessionID, () => ({
        messages: changeMessage(view.messages, event.properties.part.messageID, (message) => ({
          ...message,
          parts: upsertById(message.parts, event.properties.part),
        })),
      }));
    case 'message.part.delta':
      return inSession(view, event.properties.sessionID, () => ({
        messages: changeMessage(view.messages, event.properties.messageID, (message) => ({
          ...message,
          parts: changePart(message.parts, event.properties.partID, (part) =>
            extendPart(part, event.properties),
          ),
        })),
      }));
    case 'permission.asked':
      return inSession(view, event.properties.sessionID, () => ({
        permissions: upsertById(view.permissions, event.properties.request),
      }));
    case 'permission.replied':
      return inSession(view, event.properties.sessionID, () => ({
        permissions: view.permissions.filter((request) => request.id !== event.properties.id),
      }));
    case 'session.idle':
    case 'session.deleted':
    case 'session.compacted':
    case 'notice.raised':
    case 'notice.cleared':
      return view;
  }
}

function inSession(view: SessionView, id: SessionID, change: () => Partial<SessionView>): SessionView {
  return id === view.session.id ? { ...view, ...change() } : view;
}

/** A prompt that is already in history came through a replayed event and is not put back into the inbox. */
function admit(view: SessionView, prompt: AdmittedPrompt): Partial<SessionView> {
  if (view.messages.some((message) => message.info.id === prompt.id)) return {};
  return { inbox: upsertById(view.inbox, prompt) };
}

function upsertById<T extends { readonly id: string }>(list: readonly T[], item: T): readonly T[] {
  const index = list.findLastIndex((each) => each.id === item.id);
  return index < 0 ? [...list, item] : list.with(index, item);
}

function upsertMessage(
  messages: readonly MessageWithParts[],
  message: MessageWithParts,
): readonly MessageWithParts[] {
  const index = messages.findLastIndex((each) => each.info.id === message.info.id);
  const found = messages[index];
  return found ? messages.with(index, { ...found, info: message.info }) : [...messages, message];
}

/** What was taken back is cut out for good from its first message on: with that one the revert is over. */
function removeMessage({ session, messages }: SessionView, id: MessageID): Partial<SessionView> {
  const { revert, ...rest } = session;
  return {
    messages: messages.filter(({ info }) => info.id !== id),
    session: revert?.messageID === id ? rest : session,
  };
}

function changeMessage(
  messages: readonly MessageWithParts[],
  id: MessageID,
  change: (message: MessageWithParts) => MessageWithParts,
): readonly MessageWithParts[] {
  const index = messages.findLastIndex((each) => each.info.id === id);
  const found = messages[index];
  return found ? messages.with(index, change(found)) : messages;
}

function changePart(parts: readonly Part[], id: PartID, change: (part: Part) => Part): readonly Part[] {
  const index = parts.findLastIndex((each) => each.id === id);
  const found = parts[index];
  return found ? parts.with(index, change(found)) : parts;
}

/** A part with one more piece of its text or of its arguments. */
export function extendPart(
  part: Part,
  { field, delta }: { readonly field: 'text' | 'raw'; readonly delta: string },
): Part {
  if (field === 'text' && (part.type === 'text' || part.type === 'reasoning')) {
    return { ...part, text: part.text + delta };
  }
  if (field === 'raw' && part.type === 'tool' && part.state.status === 'pending') {
    return { ...part, state: { ...part.state, raw: part.state.raw + delta } };
  }
  return part;
}
