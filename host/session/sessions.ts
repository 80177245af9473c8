import type { MessageID, PermissionID, SessionID } from '#shared/ids.ts';
import type { ModelRef } from '#shared/message.ts';
import type { PermissionReply, PermissionRequest } from '#shared/permission.ts';
import type { AdmittedPrompt, Session, SessionStatus } from '#shared/session.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import { createCoordinator, type DrainOutcome, Interruption } from './coordinator.ts';
import type { Emitter, ViewListener } from './emitter.ts';
import { hostError } from './errors.ts';
import { type AdmitWorld, admit, type PromptInput } from './inbox/admit.ts';
import { closeInterrupted } from './recover.ts';
import { drain, type RunnerOptions } from './runner/runner.ts';
import type { HistoryWindow } from './session-projection.ts';
import { type SessionWatch, watchSession } from './watch-session.ts';

/** The door of the session room: everything a surface may do with sessions. */
export interface Sessions extends AsyncDisposable {
  /**
   * Admits a prompt and, unless `resume` is false, wakes the session (RT-16). When it resolves the prompt is durable.
   * @throws HostError as `admit` does
   */
  prompt(input: PromptInput & { readonly resume?: boolean }): Promise<AdmittedPrompt>;
  /** Runs the next provider turn on the history as it is: after an error, an interruption or a restart. */
  goOn(id: SessionID): void;
  /** Ends the running drain and waits until it has settled; idle or unknown: a no-op (RT-09). */
  interrupt(id: SessionID): Promise<void>;
  /** Resolves when nothing runs for the session. */
  awaitIdle(id: SessionID): Promise<DrainOutcome>;
  /** Answers a permission request and takes the session up where it waited. */
  reply(id: PermissionID, reply: PermissionReply): Promise<PermissionRequest>;
  /** Agent and model for the provider turns to come (RT-22). */
  switchTo(id: SessionID, to: { readonly agent: string; readonly model: ModelRef }): Promise<void>;
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

export interface SessionsOptions extends RunnerOptions, AdmitWorld {
  readonly emitter: Emitter;
  readonly clock: Clock;
  readonly log: Log;
  /** A drain that failed for no reason of a provider's is told to the user. */
  readonly onDrainFailed: (id: SessionID, error: unknown) => void;
}

/** Opens the sessions of a store; closes first what a crash left open. */
export async function openSessions(options: SessionsOptions): Promise<Sessions> {
  const { store, emitter, permissions, live, log } = options;
  const forced = new Set<SessionID>();

  const failed = async (id: SessionID, error: unknown) => {
    log.error('A drain failed', error, { sessionID: id });
    options.onDrainFailed(id, error);
    const only = { sessionID: id, error: hostError('unknown') };
    if (store.state.type === 'writable') await closeInterrupted(options, only);
  };

  const coordinator = createCoordinator({
    drain: async (id, signal) => {
      try {
        await drain(id, { signal, forced: forced.delete(id) }, options);
      } catch (error) {
        if (!(error instanceof Interruption)) await failed(id, error);
        throw error;
      }
    },
    onBusy: (id) => emitter.emit(statusEvent(id, { type: 'busy' })),
    onIdle: (id) => {
      emitter.emit(statusEvent(id, { type: 'idle' }));
      emitter.emit({ type: 'session.idle', properties: { sessionID: id } });
    },
  });
  const statusOf = (id: SessionID): SessionStatus => ({ type: coordinator.isBusy(id) ? 'busy' : 'idle' });

  let recovered = false;
  const recover = async () => {
    if (recovered) return;
    recovered = true;
    const closed = await closeInterrupted(options);
    if (closed > 0) log.info('Closed turns that were cut off', { closed });
    for (const id of await answeredMeanwhile(options)) coordinator.wake(id);
  };
  if (store.state.type === 'writable') await recover();
  // A store that could only be read at first is recovered once it can be written.
  const mended = store.onStateChange(({ type }) => {
    if (type !== 'writable') return;
    recover().catch((error: unknown) => log.error('Turns that were cut off could not be closed', error));
  });

  return {
    async prompt({ resume = true, ...input }) {
      const prompt = await admit(input, options);
      if (resume) coordinator.wake(prompt.sessionID);
      return prompt;
    },
    goOn(id) {
      // While it runs it goes on by itself.
      if (!coordinator.isBusy(id)) forced.add(id);
      coordinator.wake(id);
    },
    interrupt: (id) => coordinator.interrupt(id),
    awaitIdle: (id) => coordinator.awaitIdle(id),
    async reply(id, reply) {
      const request = await permissions.reply(id, reply);
      coordinator.wake(request.sessionID);
      return request;
    },
    async switchTo(sessionID, { agent, model }) {
      await store.commit([{ type: 'session.switched', sessionID, agent, model, time: options.clock.now() }]);
    },
    get: (id) => store.read('session.get', id),
    list: () => store.read('session.list'),
    watch: (id, watching) => watchSession(id, watching, { store, permissions, live, emitter, statusOf }),
    older: (id, { before, limit }) => store.read('session.window', { id, before, limit }),
    async [Symbol.asyncDispose]() {
      mended[Symbol.dispose]();
      await coordinator.close();
    },
  };
}

function statusEvent(sessionID: SessionID, status: SessionStatus) {
  return { type: 'session.status' as const, properties: { sessionID, status } };
}

/** Sessions whose turn waited for an answer, got it, and was not taken up before the process ended (decision 7). */
async function answeredMeanwhile({ store, permissions }: SessionsOptions): Promise<readonly SessionID[]> {
  const open = new Set((await store.read('session.open-turns')).map(({ info }) => info.sessionID));
  const pending = await Promise.all([...open].map((id) => permissions.pending(id)));
  return [...open].filter((_, index) => pending[index]?.length === 0);
}
