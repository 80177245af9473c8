import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import type { Engine, FlushFailure } from './engine.ts';
import { Housekeeping } from './housekeeping.ts';
import { type Reply, type Report, type Request, toPlain } from './messages.ts';
import { post } from './replies.ts';
import type { Occasion } from './snapshot-policy.ts';

/** Serves the store's owner, one group of commits after the other, until it is closed. */
export class Service {
  readonly #port: MessagePort;
  readonly #engine: Engine;
  readonly #options: ServiceOptions;
  readonly #housekeeping: Housekeeping;
  readonly #rest: NodeJS.Timeout;
  readonly #idle: NodeJS.Timeout;
  /** Applied and not yet written. */
  #group: Answer[] = [];

  constructor(port: MessagePort, engine: Engine, options: ServiceOptions) {
    this.#port = port;
    this.#engine = engine;
    this.#options = options;
    this.#housekeeping = new Housekeeping(engine, {
      serveWaiting: () => this.#serve(this.#next()),
      answer: (id, error) => post(port, [error === undefined ? done(id) : failed(id, error)]),
    });
    this.#rest = setTimeout(() => engine.rest(), restAfter).unref();
    this.#idle = setTimeout(() => this.#housekeeping.begin('idle'), options.idleAfter).unref();
    port.on('message', (request: Request) => {
      this.#serve(request);
      this.#housekeeping.begin('pause');
    });
    this.#housekeeping.begin('pause');
  }

  /** Everything that arrived while the last group was being synced becomes the next one. */
  #serve(first: Request | undefined): boolean {
    for (let request = first; request !== undefined; request = this.#next()) this.#take(request);
    this.#finishGroup();
    return first !== undefined;
  }

  #next(): Request | undefined {
    const received = receiveMessageOnPort(this.#port);
    return received === undefined ? undefined : (received.message as Request);
  }

  #take(request: Request): void {
    switch (request.type) {
      case 'commit':
      case 'read':
        this.#group.push({ request, reply: answerOf(this.#engine, request) });
        if (this.#isGroupFull()) this.#finishGroup();
        break;
      case 'erase':
        this.#finishGroup();
        this.#erase(request);
        break;
      case 'close':
        this.#finishGroup();
        this.#close();
        break;
    }
  }

  /** A flood of commits cannot hold back its first acknowledgement. */
  #isGroupFull(): boolean {
    return this.#group.length >= longestGroup || this.#engine.stagedBytes >= largestGroup;
  }

  #finishGroup(): void {
    const group = this.#group;
    if (group.length === 0) return;
    this.#group = [];
    const failure = this.#engine.flush();
    post(
      this.#port,
      group.map(failure === undefined ? ({ reply }) => reply : afterFailure(this.#engine, failure)),
    );
    this.#engine.settle();
    this.#rest.refresh();
    this.#idle.refresh();
  }

  #erase({ id, shelf }: Extract<Request, { type: 'erase' }>): void {
    try {
      this.#housekeeping.erase(id, shelf);
    } catch (error) {
      post(this.#port, [failed(id, error)]);
    }
  }

  #close(): void {
    clearTimeout(this.#rest);
    clearTimeout(this.#idle);
    this.#housekeeping.finish(this.#options.lastOccasion);
    this.#engine.close();
    this.#options.release();
    end(this.#port);
  }
}

export interface ServiceOptions {
  /** Milliseconds without a commit until a snapshot is worth its price. */
  readonly idleAfter: number;
  /** What the end of this life is for the upkeep. */
  readonly lastOccasion: Occasion;
  /** Frees the folder for others, after the engine was closed. */
  readonly release: () => void;
}

export function answerOf(engine: Pick<Engine, 'read' | 'stage'>, request: Question): Reply {
  const { id } = request;
  try {
    const value = request.type === 'commit' ? engine.stage(request) : engine.read(request.name, request.args);
    return { type: 'done', id, value };
  } catch (error) {
    return failed(id, error);
  }
}

/** The last message of a worker's life. */
export function end(port: MessagePort): void {
  port.postMessage({ type: 'closed' } satisfies Report);
  port.close();
}

export function failed(id: number, error: unknown): Reply {
  return { type: 'failed', id, error: toPlain(error) };
}

const longestGroup = 1024;
const largestGroup = 4 * 1024 * 1024;
/** After this many milliseconds without a commit the clean end is marked. */
const restAfter = 1000;

type Question = Extract<Request, { type: 'commit' | 'read' }>;

/** Held back until everything it saw is durable. */
interface Answer {
  readonly request: Question;
  readonly reply: Reply;
}

function done(id: number): Reply {
  return { type: 'done', id, value: undefined };
}

/** The group is undone, but for its first few: the rest is refused, and its reads are asked again. */
function afterFailure(engine: Engine, failure: FlushFailure): (answer: Answer) => Reply {
  let { kept } = failure;
  return ({ request, reply }) => {
    if (request.type === 'read') return answerOf(engine, request);
    if (reply.type === 'failed') return reply;
    kept -= 1;
    return kept >= 0 ? reply : failed(request.id, failure.error);
  };
}
