import { hasCode } from '#shared/host-error.ts';
import type { SessionID } from '#shared/ids.ts';
import type { MessageError } from '#shared/message.ts';
import type { SessionStatus } from '#shared/session.ts';
import type { Log } from '../ports/log.ts';
import { closeInterrupted } from './close-interrupted.ts';
import { type Coordinator, createCoordinator, Interruption } from './coordinator.ts';
import { createDrainAsks } from './drain-asks.ts';
import type { Emitter } from './emitter.ts';
import { hostError } from './errors.ts';
import { drain, type RunnerOptions } from './runner/runner.ts';
import { createSessionGate, type SessionGate } from './session-gate.ts';

export interface DrainsOptions extends RunnerOptions {
  readonly emitter: Emitter;
  readonly log: Log;
  /** A drain that failed for no reason of a provider's is told to the user. */
  readonly onDrainFailed: (id: SessionID, error: unknown) => void;
}

/** The drains of all sessions, and what is asked of them. */
export interface Drains extends Pick<Coordinator, 'awaitIdle' | 'isBusy' | 'close'> {
  /** Promote what waits and run turns until nothing is left. */
  wake(id: SessionID): void;
  /** Run a turn on history as it is, too. */
  goOn(id: SessionID): void;
  /** Fold history at the next boundary. */
  fold(id: SessionID): void;
  /** Drops what was asked of the session and ends its running drain. */
  interrupt(id: SessionID): Promise<void>;
  statusOf(id: SessionID): SessionStatus;
  /** For what must not happen beside a drain. */
  readonly gate: SessionGate;
}

export function createDrains(options: DrainsOptions): Drains {
  const { store, emitter, log, traces } = options;
  const asks = createDrainAsks();
  /** Sessions whose last drain failed on a store that took no more: their turns are closed before the next one. */
  const unclosed = new Set<SessionID>();

  const close = async (id: SessionID, error?: MessageError) => {
    await closeInterrupted(options, { sessionID: id, answered: 'close', ...(error && { error }) });
    unclosed.delete(id);
  };
  const failed = async (id: SessionID, error: unknown) => {
    log.error('A drain failed', error, { sessionID: id });
    options.onDrainFailed(id, error);
    unclosed.add(id);
    if (store.state.type === 'writable') await close(id, hostError('unknown'));
  };
  const run = async (id: SessionID, signal: AbortSignal) => {
    // What must not happen beside a drain, such as a revert, goes first.
    using _turn = await gate.enter(id, signal);
    const traced = traces.drain(id);
    let outcome = 'done';
    try {
      if (unclosed.has(id)) await close(id);
      await drain(id, { signal, ...asks.take(id), takeFold: () => asks.takeFold(id) }, options);
    } catch (error) {
      // Deleted after it was woken: there is nothing to run.
      if (hasCode(error, 'session.unknown')) return;
      if (!(error instanceof Interruption)) await failed(id, error);
      outcome = error instanceof Interruption ? 'interrupted' : 'failed';
      throw error;
    } finally {
      traced.end(outcome);
    }
  };
  const coordinator = createCoordinator({
    drain: run,
    onBusy: (id) => emitter.emit(statusEvent(id, { type: 'busy' })),
    onIdle: (id) => {
      emitter.emit(statusEvent(id, { type: 'idle' }));
      emitter.emit({ type: 'session.idle', properties: { sessionID: id } });
    },
  });
  const interrupt = (id: SessionID) => {
    asks.drop(id);
    return coordinator.interrupt(id);
  };
  const gate = createSessionGate(interrupt);
  return {
    wake(id) {
      asks.run(id);
      coordinator.wake(id);
    },
    goOn(id) {
      asks.goOn(id);
      coordinator.wake(id);
    },
    fold(id) {
      asks.fold(id);
      coordinator.wake(id);
    },
    interrupt,
    awaitIdle: coordinator.awaitIdle,
    isBusy: coordinator.isBusy,
    close: coordinator.close,
    statusOf: (id) => ({ type: coordinator.isBusy(id) ? 'busy' : 'idle' }),
    gate,
  };
}

function statusEvent(sessionID: SessionID, status: SessionStatus) {
  return { type: 'session.status' as const, properties: { sessionID, status } };
}
