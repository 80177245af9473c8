import { HostError } from '#shared/host-error.ts';
import type { MessageID, PermissionID, SessionID } from '#shared/ids.ts';
import type { ModelRef } from '#shared/message.ts';
import type { PermissionReply, PermissionRequest } from '#shared/permission.ts';
import type { AdmittedPrompt, Session } from '#shared/session.ts';
import type { KeptContents } from '../snapshot/kept-contents.ts';
import type { TurnTrace } from '../trace/turn-trace.ts';
import { checkFoldable } from './compaction/check-foldable.ts';
import type { DrainOutcome } from './coordinator.ts';
import { createDrains, type DrainsOptions } from './drains.ts';
import type { ViewListener } from './emitter.ts';
import { type AdmitWorld, admit, type PromptInput } from './inbox/admit.ts';
import { createManagement, type Management, type ManagementWorld } from './manage/management.ts';
import type { HistoryWindow } from './queries-projection.ts';
import { type RecoveryWorld, startRecovery } from './recovery.ts';
import { type SessionWatch, watchSession } from './watch-session.ts';

/** The door of the session room: everything a surface may do with sessions. */
export interface Sessions extends Management, AsyncDisposable {
  /**
   * Admits a prompt and, unless `resume` is false, wakes the session (RT-16). When it resolves the prompt is durable.
   * @throws HostError as `admit` does
   */
  prompt(input: PromptInput & { readonly resume?: boolean }): Promise<AdmittedPrompt>;
  /** Runs the next provider turn on the history as it is: after an error, an interruption or a restart. */
  goOn(id: SessionID): void;
  /**
   * Asks for Compaction: at once when the session is idle, else at the next boundary of its run. How it goes is shown in
   * the conversation; failing leaves it as it was. Idle: @throws HostError `session.unknown`, `compaction.nothing`,
   * `compaction.reverted`, `compaction.waiting`
   */
  compact(id: SessionID): Promise<void>;
  /**
   * Ends the running drain, and those of sessions below it, and waits until all have settled; idle or unknown: a no-op
   * (RT-09).
   */
  interrupt(id: SessionID): Promise<void>;
  /** Resolves when nothing runs for the session. */
  awaitIdle(id: SessionID): Promise<DrainOutcome>;
  /** Answers a permission request and takes the session up where it waited. */
  reply(id: PermissionID, reply: PermissionReply): Promise<PermissionRequest>;
  /** Agent and model for the provider turns to come (RT-22). */
  switchTo(id: SessionID, to: { readonly agent: string; readonly model: ModelRef }): Promise<void>;
  /** What a provider turn (the last one, without an id) sent, got and took; undefined when it is not kept any more. */
  trace(id: SessionID, messageID?: MessageID): Promise<TurnTrace | undefined>;
  get(id: SessionID): Promise<Session | undefined>;
  list(): Promise<readonly Session[]>;
  watch(
    id: SessionID,
    options: { readonly limit: number; readonly listener: ViewListener },
  ): Promise<SessionWatch>;
  older(
    id: SessionID,
    options: { readonly before: MessageID; readonly limit: number },
  ): Promise<HistoryWindow>;
}

export interface SessionsOptions extends DrainsOptions, AdmitWorld {
  readonly kept: KeptContents;
  /** A session is gone, and with it what it has seen and the Managed Tool Output Files of its own. */
  readonly forgetFiles: ManagementWorld['forgetFiles'];
  readonly sweepOutputs: ManagementWorld['sweepOutputs'];
  /** An imported file had messages or parts without a counterpart here. */
  readonly onDropped: ManagementWorld['onDropped'];
  readonly trust: RecoveryWorld['trust'];
  readonly onRevertHeld: RecoveryWorld['onRevertHeld'];
  readonly onRevertSettled: RecoveryWorld['onRevertSettled'];
  /** See `RecoveryWorld`. */
  readonly resumes?: 'answered' | 'nothing';
}

/** Opens the sessions of a store; closes first what a crash left open. */
export async function openSessions(options: SessionsOptions): Promise<Sessions> {
  const { store, emitter, permissions, live } = options;
  const drains = createDrains(options);
  const { wake, isBusy, interrupt, statusOf, gate } = drains;
  const [deleting, copying] = [new Set<SessionID>(), new Set<SessionID>()];
  const world: ManagementWorld & RecoveryWorld = { ...options, gate, deleting, copying, isBusy, wake };

  const recovery = await startRecovery(world);
  return {
    ...createManagement(world),
    async prompt({ resume = true, ...input }) {
      if (input.sessionID && world.deleting.has(input.sessionID)) throw beingDeleted(input.sessionID);
      const prompt = await admit(input, options);
      if (resume) wake(prompt.sessionID);
      return prompt;
    },
    goOn(id) {
      // While it runs it goes on by itself.
      if (isBusy(id)) wake(id);
      else drains.goOn(id);
    },
    async compact(id) {
      // While it runs there may be something to fold by the next boundary.
      if (!isBusy(id)) await checkFoldable(id, store);
      drains.fold(id);
    },
    async interrupt(id) {
      const interruptBelow = async () => {
        await Promise.all((await store.read('session.children', id)).map(interrupt));
      };
      await Promise.all([interrupt(id), interruptBelow()]);
    },
    awaitIdle: drains.awaitIdle,
    async reply(id, reply) {
      const request = await permissions.reply(id, reply);
      wake(request.sessionID);
      return request;
    },
    async switchTo(sessionID, { agent, model }) {
      await store.commit([{ type: 'session.switched', sessionID, agent, model, time: options.clock.now() }]);
    },
    async trace(id, messageID) {
      const turn = messageID ?? (await store.read('session.last-turn', id));
      return turn && options.traces.find(id, turn);
    },
    get: (id) => store.read('session.get', id),
    list: () => store.read('session.list'),
    watch: (id, watching) => watchSession(id, watching, { store, permissions, live, emitter, statusOf }),
    older: (id, { before, limit }) => store.read('session.window', { id, before, limit }),
    async [Symbol.asyncDispose]() {
      recovery[Symbol.dispose]();
      await drains.close();
      await gate.idle();
      await recovery.upkeep();
    },
  };
}

function beingDeleted(sessionID: SessionID): HostError {
  return new HostError('session.unknown', 'This session is being deleted. Begin a new one.', {
    data: { sessionID },
  });
}
