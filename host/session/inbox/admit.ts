import { HostError, hasCode } from '#shared/host-error.ts';
import type { MessageID, SessionID } from '#shared/ids.ts';
import type { ModelRef } from '#shared/message.ts';
import { noTokens } from '#shared/message.ts';
import type { AdmittedPrompt, Delivery, Session } from '#shared/session.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Ids } from '../../ports/ids.ts';
import { unknownSession } from '../manage/export-session.ts';
import { titleLine } from '../manage/session-title.ts';
import type { SessionEvent } from '../session-events.ts';
import type { SessionStore } from '../session-store.ts';
import { childTitle } from '../titles/child-title.ts';
import { titleOf } from './title-of.ts';

/** A prompt as a surface gives it. */
export interface PromptInput {
  /** Absent: a new session. Given and unknown: a new session with this id. Given and known: that one (RT-17). */
  readonly sessionID?: SessionID;
  /** The Location of a new session: an absolute folder path. */
  readonly directory: string;
  /** The surface's own id, so that a retry is known as one. */
  readonly messageID?: MessageID;
  /** A new session is one below another, with that one's Location; a known session stays where it is. */
  readonly child?: ChildInput;
  readonly text: string;
  readonly delivery: Delivery;
  readonly agent: string;
  readonly model: ModelRef;
}

export interface ChildInput {
  readonly parentID: SessionID;
  /** What it is to do, in few words: its title, with the agent's name. */
  readonly description: string;
}

export interface AdmitWorld {
  readonly store: SessionStore;
  readonly clock: Clock;
  readonly ids: Ids;
  /** Version of Millrace, kept with a session for those who read it later. */
  readonly version: string;
}

/**
 * Admits a prompt: when this resolves it is durable, and nothing else has happened (RT-01). A message id that is known
 * reconciles an exact retry and otherwise fails with `prompt.conflict` (RT-17).
 * @throws HostError `prompt.empty`, `prompt.conflict`, `session.unknown` for a parent, or the code of a store that cannot be written.
 */
export async function admit(input: PromptInput, world: AdmitWorld): Promise<AdmittedPrompt> {
  if (input.text.trim() === '') {
    throw new HostError('prompt.empty', 'The prompt is empty: type what should change.');
  }
  const prompt = promptOf(input, world);
  const { store } = world;
  const known = await store.read('session.input', prompt.id);
  if (known) return reconciled(known.prompt, prompt, input);
  const keep = async () => {
    const facts = await sessionFacts(prompt, input, world);
    await store.commit([...facts, { type: 'session.input.admitted', prompt }]);
    return prompt;
  };
  try {
    return await keep();
  } catch (error) {
    if (!hasCode(error, 'store.conflict')) throw error;
    // Of two retries at the same moment the second finds what the first has kept; of two first prompts of one new
    // session the second finds the session.
    const winner = await store.read('session.input', prompt.id);
    return winner ? reconciled(winner.prompt, prompt, input) : keep();
  }
}

function promptOf(input: PromptInput, { clock, ids }: AdmitWorld): AdmittedPrompt {
  return {
    id: input.messageID ?? (ids.next('msg') as MessageID),
    sessionID: input.sessionID ?? (ids.next('ses') as SessionID),
    text: input.text,
    delivery: input.delivery,
    agent: input.agent,
    model: input.model,
    time: { created: clock.now() },
  };
}

/** A new session, or the switch of a known one to what this prompt was sent with (RT-22). */
async function sessionFacts(
  prompt: AdmittedPrompt,
  input: PromptInput,
  { store, clock, version }: AdmitWorld,
): Promise<readonly SessionEvent[]> {
  const { sessionID, agent, model } = prompt;
  const session = input.sessionID ? await store.read('session.get', sessionID) : undefined;
  if (session) {
    const same = session.agent === agent && JSON.stringify(session.model) === JSON.stringify(model);
    return same ? [] : [{ type: 'session.switched', sessionID, agent, model, time: clock.now() }];
  }
  const now = clock.now();
  const info: Session = {
    id: sessionID,
    ...(await placeOf(input, store)),
    agent,
    model,
    version,
    cost: 0,
    tokens: noTokens,
    time: { created: now, updated: now },
  };
  return [{ type: 'session.created', info }];
}

/** A child session says whose it is; nobody writes another title for it. */
async function placeOf(
  { directory, child, text, agent }: PromptInput,
  store: SessionStore,
): Promise<Pick<Session, 'directory' | 'parentID' | 'title'>> {
  if (!child) return { directory, title: titleOf(text) };
  const { parentID, description } = child;
  const parent = await store.read('session.get', parentID);
  if (!parent) throw unknownSession(parentID);
  return {
    directory: parent.directory,
    parentID,
    title: childTitle(titleLine(description) || titleOf(text), agent),
  };
}

/** An exact retry is the prompt that was admitted; anything else with its id is somebody's mistake. */
function reconciled(
  known: AdmittedPrompt,
  retry: AdmittedPrompt,
  { sessionID }: PromptInput,
): AdmittedPrompt {
  const inSession = sessionID === undefined || known.sessionID === sessionID;
  const same = inSession && known.text === retry.text && known.delivery === retry.delivery;
  if (same) return known;
  throw new HostError(
    'prompt.conflict',
    `The message id ${known.id} belongs to another prompt: use a new one.`,
    {
      data: { messageID: known.id },
    },
  );
}
