import { HostError } from '#shared/host-error.ts';
import type { PermissionID, RuleID, SessionID } from '#shared/ids.ts';
import type {
  PermissionReply,
  PermissionRequest,
  PermissionSubject,
  RuleOrigin,
  SavedRule,
} from '#shared/permission.ts';
import type { Clock } from '../ports/clock.ts';
import type { Ids } from '../ports/ids.ts';
import type { Store } from '../store/store.ts';
import { evaluate, type Verdict } from './evaluate.ts';
import type { LayerRules } from './layer-rules.ts';
import type { CallKey, permissionProjection, RequestRow } from './permission-projection.ts';
import { rulesToSave } from './saved-answers.ts';

/** What a tool call asks for, with the rules that hold for it: pinned by the provider turn that issued it (TL-06). */
export interface PermissionCall {
  readonly sessionID: SessionID;
  readonly messageID: PermissionRequest['tool']['messageID'];
  readonly callID: string;
  readonly tool: string;
  readonly agent: string;
  /** Identity of the project: saved answers hold for it and for no other. */
  readonly project: string;
  /** Layers without the saved answers, which are read at each decision. */
  readonly layers: readonly LayerRules[];
}

export interface PermissionAsk {
  readonly permission: string;
  readonly patterns: readonly string[];
  readonly always: readonly string[];
  readonly subject: PermissionSubject;
  readonly floor?: string;
}

export type PermissionOutcome =
  | { readonly type: 'allowed' }
  | { readonly type: 'denied'; readonly origin: RuleOrigin }
  | { readonly type: 'rejected'; readonly message?: string };

export interface AuthorizeOptions {
  readonly signal: AbortSignal;
  /** Whether a request stays open when the signal aborts with this reason: the host closes, the question stays. */
  readonly keepOn: (reason: unknown) => boolean;
}

/**
 * Decides by rules, and asks where they say so. Requests and answers are durable: a request outlives the process, and
 * an answer given while nothing waited for it is found when the call is resumed (decision 7).
 */
export interface Permissions {
  /** Resolves when it is decided. Rejects with `signal.reason`; the request is then withdrawn, unless kept. */
  authorize(ask: PermissionAsk, call: PermissionCall, options: AuthorizeOptions): Promise<PermissionOutcome>;
  /** Requests without an answer, oldest first. */
  pending(sessionID: SessionID): Promise<readonly PermissionRequest[]>;
  /** All that one call has asked, with the answers. */
  ofCall(call: CallKey): Promise<readonly RequestRow[]>;
  /** Answers a request; one that is answered or gone is refused with `permission.unknown`. */
  reply(id: PermissionID, reply: PermissionReply): Promise<PermissionRequest>;
  /** Takes back what a session asks for while nothing of it runs: nobody can answer any more. */
  withdraw(sessionID: SessionID): Promise<void>;
  /** Removes all that a session has asked. What the user saved stays. */
  forget(sessionID: SessionID): Promise<void>;
  savedRules(): Promise<readonly SavedRule[]>;
  revoke(id: RuleID): Promise<void>;
}

export interface PermissionsOptions {
  readonly store: Store<readonly [typeof permissionProjection]>;
  readonly clock: Clock;
  readonly ids: Ids;
}

/** A call that waits for the answer to a request. Several calls may wait for one request (TL-10). */
interface Waiting {
  readonly row: RequestRow;
  readonly ask: PermissionAsk;
  readonly call: PermissionCall;
  readonly answered: PromiseWithResolvers<PermissionReply>;
}

export function createPermissions(options: PermissionsOptions): Permissions {
  const { store } = options;
  const waiting = new Set<Waiting>();
  const opening = new Map<string, Promise<RequestRow>>();
  const answering = new Set<PermissionID>();
  const rules = keptRules(store);

  /** Keeps an answer and gives it to all who wait for it; of two answers to one request, one. */
  const settle = async (row: RequestRow, answer: PermissionReply): Promise<void> => {
    const { id } = row.request;
    if (answering.has(id)) throw gone(id);
    answering.add(id);
    try {
      await keepAnswer(row, answer, options);
      for (const each of [...waiting]) if (each.row.request.id === id) each.answered.resolve(answer);
    } finally {
      answering.delete(id);
    }
  };

  /** Identical asks of one turn, made side by side too, share one request (TL-10). */
  const requestFor = (ask: PermissionAsk, call: PermissionCall, verdict: Verdict): Promise<RequestRow> => {
    const key = twinKey(ask, call);
    const known = opening.get(key);
    if (known !== undefined) return known;
    const twin = [...waiting].find((each) => twinKey(each.ask, each.call) === key);
    if (twin) return Promise.resolve(twin.row);
    const opened = open({ ask, call, verdict }, options).finally(() => opening.delete(key));
    opening.set(key, opened);
    return opened;
  };

  return {
    async authorize(ask, call, { signal, keepOn }) {
      signal.throwIfAborted();
      const verdict = decide(ask, call, await rules.current());
      if (verdict.action === 'allow') return { type: 'allowed' };
      if (verdict.action === 'deny') return { type: 'denied', origin: verdict.origin };
      const asked = await store.read('permission.of-call', call);
      const earlier = asked.find(({ request }) => isTwin(request, ask));
      if (earlier?.reply) return outcomeOf(earlier.reply);
      const row = earlier ?? (await requestFor(ask, call, verdict));
      const entry: Waiting = { row, ask, call, answered: Promise.withResolvers() };
      return outcomeOf(await answerTo(entry, { waiting, store, signal, keepOn }));
    },
    pending: (sessionID) => store.read('permission.pending', sessionID),
    ofCall: (call) => store.read('permission.of-call', call),
    async reply(id, answer) {
      const row = await store.read('permission.get', id);
      if (!row || row.reply) throw gone(id);
      await settle(row, answer);
      const others = new Map([...waiting].map((each) => [each.row.request.id, each]));
      for (const other of [...others.values()].filter((each) => isAffected(each, row.request))) {
        const settled = answerForOther(other, answer, await rules.current());
        if (settled && waiting.has(other)) await settle(other.row, settled);
      }
      return row.request;
    },
    async withdraw(sessionID) {
      const open = await store.read('permission.pending', sessionID);
      if (open.length === 0) return;
      await store.commit(open.map((request) => ({ type: 'permission.withdrawn' as const, request })));
    },
    async forget(sessionID) {
      await store.commit([{ type: 'permission.forgotten', sessionID }]);
    },
    savedRules: rules.current,
    async revoke(id) {
      await store.commit([{ type: 'permission.rule.revoked', id }]);
    },
  };
}

function gone(id: PermissionID): HostError {
  return new HostError('permission.unknown', `The request ${id} is not waiting for an answer any more.`);
}

/** Equal for asks that one answer may settle: the same thing, wanted by the same agent of the same session. */
function twinKey(
  { permission, patterns, subject }: PermissionAsk,
  { sessionID, agent }: PermissionCall,
): string {
  return JSON.stringify([sessionID, agent, permission, patterns, subject]);
}

type PermissionStore = PermissionsOptions['store'];

/** The saved answers, read once and again after each change: every call is decided by them. */
function keptRules(store: PermissionStore): { current(): Promise<readonly SavedRule[]> } {
  let kept: Promise<readonly SavedRule[]> | undefined;
  store.subscribe((committed) => {
    if (committed.some(({ event }) => event.type.startsWith('permission.rule.'))) kept = undefined;
  });
  return {
    current() {
      kept ??= store.read('permission.rules').catch((error: unknown) => {
        kept = undefined;
        throw error;
      });
      return kept;
    },
  };
}

function decide(ask: PermissionAsk, call: PermissionCall, all: readonly SavedRule[]): Verdict {
  const saved = all.filter(({ project, agent }) => project === call.project && agent === call.agent);
  return evaluate([...call.layers, { layer: 'saved', rules: saved.map(({ rule }) => rule) }], ask);
}

interface Opening {
  readonly ask: PermissionAsk;
  readonly call: PermissionCall;
  readonly verdict: Verdict;
}

async function open(
  { ask, call, verdict }: Opening,
  { store, ids, clock }: PermissionsOptions,
): Promise<RequestRow> {
  const { sessionID, messageID, callID, tool, agent, project } = call;
  const request: PermissionRequest = {
    id: ids.next('per') as PermissionID,
    sessionID,
    permission: ask.permission,
    patterns: ask.patterns,
    always: ask.floor === undefined ? ask.always : [],
    agent,
    subject: ask.subject,
    origin: verdict.origin,
    tool: { messageID, callID, name: tool },
    time: { created: clock.now() },
  };
  await store.commit([{ type: 'permission.asked', request, project }]);
  return { request, project };
}

interface AnswerWorld extends AuthorizeOptions {
  readonly waiting: Set<Waiting>;
  readonly store: PermissionStore;
}

async function answerTo(
  entry: Waiting,
  { waiting, store, signal, keepOn }: AnswerWorld,
): Promise<PermissionReply> {
  const onAbort = () => entry.answered.reject(signal.reason);
  waiting.add(entry);
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  try {
    return await entry.answered.promise;
  } catch (error) {
    const { request } = entry.row;
    if (!keepOn(error)) await store.commit([{ type: 'permission.withdrawn', request }]);
    throw error;
  } finally {
    signal.removeEventListener('abort', onAbort);
    waiting.delete(entry);
  }
}

async function keepAnswer(
  { request, project }: RequestRow,
  reply: PermissionReply,
  { store, ids, clock }: PermissionsOptions,
): Promise<void> {
  const rules = rulesToSave(request, reply).map((rule) => ({
    type: 'permission.rule.saved' as const,
    saved: {
      id: ids.next('rul') as RuleID,
      project,
      agent: request.agent,
      rule,
      time: { created: clock.now() },
    },
  }));
  await store.commit([{ type: 'permission.replied', request, reply }, ...rules]);
}

/** A rejection rejects all that the session waits for; a saved answer settles what it now covers. */
function answerForOther(
  other: Waiting,
  answer: PermissionReply,
  rules: readonly SavedRule[],
): PermissionReply | undefined {
  if (answer.type === 'reject') return answer;
  if (answer.type === 'once') return undefined;
  const { action } = decide(other.ask, other.call, rules);
  if (action === 'allow') return { type: 'once' };
  return action === 'deny' ? { type: 'never' } : undefined;
}

function isAffected({ row }: Waiting, answered: PermissionRequest): boolean {
  return row.request.id !== answered.id && row.request.sessionID === answered.sessionID;
}

/** The same need of the same call, before and after a restart. */
function isSame(request: PermissionRequest, ask: PermissionAsk): boolean {
  return request.permission === ask.permission && sameJson(request.patterns, ask.patterns);
}

function isTwin(request: PermissionRequest, ask: PermissionAsk): boolean {
  return isSame(request, ask) && sameJson(request.subject, ask.subject);
}

function sameJson(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function outcomeOf({ type, message }: PermissionReply): PermissionOutcome {
  if (type === 'once' || type === 'always') return { type: 'allowed' };
  if (type === 'never') return { type: 'denied', origin: { layer: 'saved' } };
  return message === undefined ? { type: 'rejected' } : { type: 'rejected', message };
}
