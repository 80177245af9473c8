import type { MessageID, SessionID } from '#shared/ids.ts';
import type { ModelRef } from '#shared/message.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import { type Hide, redactTrace } from './redact-trace.ts';
import { type OpenSpan, startSpan } from './spans.ts';
import type { TraceFiles } from './trace-files.ts';
import type { Facts, SentRequest, TraceEntry, TurnTrace } from './turn-trace.ts';

/** Follows drains, provider turns, tool calls and compactions (RT-15). It never fails and never holds anything up. */
export interface Traces {
  /** A drain began; end it once. */
  drain(sessionID: SessionID): { end(outcome: string): void };
  /** The trace of a turn: the running one, or one that begins now. */
  turn(turn: TracedTurn): TurnTracer;
  /** A running turn as far as it is, or a finished one as it was kept; undefined when it is not kept any more. */
  find(sessionID: SessionID, messageID: MessageID): Promise<TurnTrace | undefined>;
  /** Removes what is kept of a session. */
  forget(sessionID: SessionID): Promise<void>;
}

export interface TracedTurn {
  readonly sessionID: SessionID;
  readonly id: MessageID;
  readonly agent: string;
  readonly providerID: string;
  readonly modelID: string;
  /** A summary is written by Compaction. */
  readonly summary?: true;
}

export interface TurnTracer {
  /** May be passed on as it is. */
  readonly sent: (request: SentRequest) => void;
  /** Something happened. Pieces that follow one another under one name become one entry with a count. */
  mark(name: string, facts?: Facts): void;
  piece(name: string, characters: number): void;
  /** A tool call began; end it once. */
  call(callID: string, tool: string): { end(outcome: string): void };
  /** The turn is over: it is kept in the background. */
  end(facts: Facts & { readonly error?: string }): void;
}

export interface TracesOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly files: TraceFiles;
  /** What takes out secrets as they are now; absent: a request comes without any. */
  readonly hider?: () => Hide;
}

export function createTraces({ clock, log, files, hider = () => (text) => text }: TracesOptions): Traces {
  const drains = new Map<SessionID, OpenSpan>();
  const turns = new Map<MessageID, Recording>();
  const keep = (trace: TurnTrace) => {
    files.keep(trace).catch((error: unknown) => log.error('A turn trace was not kept', error));
  };
  return {
    drain(sessionID) {
      const span = startSpan('millrace.drain', { 'session.id': sessionID });
      drains.set(sessionID, span);
      return {
        end(outcome) {
          if (drains.get(sessionID) === span) drains.delete(sessionID);
          // A turn that waits for an answer, or whose drain failed: it goes on in a drain of its own, if at all.
          for (const turn of [...turns.values()])
            if (turn.sessionID === sessionID) turn.end({ drain: outcome });
          span.end({ outcome, ...(outcome === 'failed' ? { error: outcome } : {}) });
        },
      };
    },
    turn(turn) {
      const known = turns.get(turn.id);
      if (known) return known;
      const attributes = attributesOf(turn);
      const name = turn.summary ? 'millrace.compaction' : 'millrace.turn';
      const span = drains.get(turn.sessionID)?.child(name, attributes) ?? startSpan(name, attributes);
      const recording = new Recording(turn, {
        span,
        clock,
        hider,
        onEnd: (trace) => {
          turns.delete(turn.id);
          keep(trace);
        },
      });
      turns.set(turn.id, recording);
      return recording;
    },
    async find(sessionID, messageID) {
      const running = turns.get(messageID);
      return running ? running.trace() : files.load(sessionID, messageID);
    },
    forget: (sessionID) => files.forget(sessionID),
  };
}

function attributesOf({ sessionID, id, agent, providerID, modelID }: TracedTurn) {
  return {
    'session.id': sessionID,
    'message.id': id,
    'gen_ai.agent.name': agent,
    'gen_ai.provider.name': providerID,
    'gen_ai.request.model': modelID,
  };
}

interface RecordingWorld {
  readonly span: OpenSpan;
  readonly clock: Clock;
  readonly hider: () => Hide;
  readonly onEnd: (trace: TurnTrace) => void;
}

/** More entries than this of one turn are not kept: the trace says so at its end. */
const maxEntries = 2_000;

class Recording implements TurnTracer {
  readonly sessionID: SessionID;
  readonly #turn: TracedTurn;
  readonly #world: RecordingWorld;
  readonly #begin: number;
  readonly #started: number;
  readonly #entries: TraceEntry[] = [];
  #request: SentRequest | null = null;

  constructor(turn: TracedTurn, world: RecordingWorld) {
    this.#turn = turn;
    this.sessionID = turn.sessionID;
    this.#world = world;
    this.#begin = world.clock.monotonic();
    this.#started = world.clock.now();
  }

  readonly sent = (request: SentRequest): void => {
    this.#request = request;
    this.mark('request.sent');
  };

  mark(name: string, facts: Facts = {}): void {
    this.#world.span.event(name, facts);
    this.#add({ at: this.#now(), name, facts });
  }

  piece(name: string, characters: number): void {
    const last = this.#entries.at(-1);
    const now = this.#now();
    if (last?.name !== name) {
      this.#world.span.event(name);
      this.#add({ at: now, name, facts: { pieces: 1, characters } });
      return;
    }
    const { pieces, characters: sofar } = last.facts;
    const facts = { pieces: Number(pieces) + 1, characters: Number(sofar) + characters };
    this.#entries[this.#entries.length - 1] = { ...last, lasted: now - last.at, facts };
  }

  call(callID: string, tool: string): { end(outcome: string): void } {
    const span = this.#world.span.child('millrace.tool', { 'tool.name': tool, 'tool.call.id': callID });
    const at = this.#now();
    return {
      end: (outcome) => {
        span.end({ outcome });
        this.#add({ at, lasted: this.#now() - at, name: `tool ${tool}`, facts: { callID, outcome } });
      },
    };
  }

  end(facts: Facts & { readonly error?: string }): void {
    this.#add({ at: this.#now(), name: 'turn.ended', facts });
    this.#world.span.end(facts);
    this.#world.onEnd(this.trace());
  }

  trace(): TurnTrace {
    const { sessionID, id, agent, providerID, modelID } = this.#turn;
    const trace: TurnTrace = {
      version: 1,
      sessionID,
      messageID: id,
      agent,
      model: { providerID, modelID } satisfies ModelRef,
      started: this.#started,
      request: this.#request,
      entries: this.#entries.toSorted((a, b) => a.at - b.at),
    };
    return redactTrace(trace, this.#world.hider());
  }

  #add(entry: TraceEntry): void {
    if (this.#entries.length < maxEntries) this.#entries.push(entry);
    else if (this.#entries.length === maxEntries) this.#entries.push({ ...entry, name: 'more was not kept' });
  }

  #now(): number {
    return this.#world.clock.monotonic() - this.#begin;
  }
}
