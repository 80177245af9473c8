import * as Schema from 'effect/Schema';
import { ToWebview } from '#shared/protocol.ts';

/**
 * Pieces of conversations for pictures and tests. Everything goes through the protocol's schema, so that a sample that
 * the host could not send fails at once.
 */
export const toWebview = Schema.decodeUnknownSync(ToWebview, { errors: 'all' });

export const sessionID = 'ses_preview';
export const folder = '/home/ada/greeter';
const began = 1_790_000_000_000;
const none = { input: 0, output: 0, reasoning: 0, cache: { read: 0, write: 0 } };

export const session = {
  id: sessionID,
  directory: folder,
  title: 'Fix the flaky login test',
  version: '0.1.0',
  cost: 0.21,
  tokens: none,
  time: { created: began, updated: began },
};

export const choices = {
  agents: [
    { name: 'build', description: 'Reads, edits and runs' },
    { name: 'plan', description: 'Reads and plans, changes nothing' },
  ],
  agent: 'build',
  model: ref('openai', 'gpt-5.5'),
  chosen: {
    ref: ref('openai', 'gpt-5.5'),
    name: 'GPT-5.5',
    providerName: 'OpenAI',
    contextLimit: 400_000,
    variants: ['low', 'medium', 'high'],
  },
};

function ref(providerID: string, modelID: string) {
  return { providerID, modelID };
}

interface WindowParts {
  readonly messages?: readonly unknown[];
  readonly inbox?: readonly unknown[];
  readonly permissions?: readonly unknown[];
  readonly busy?: boolean;
  /** Laid over the session's header. */
  readonly header?: Readonly<Record<string, unknown>>;
}

/** One session's window. */
export function view({
  messages = [],
  inbox = [],
  permissions = [],
  busy = false,
  header = {},
}: WindowParts = {}) {
  return {
    session: { ...session, ...header },
    status: { type: busy ? 'busy' : 'idle' },
    inbox,
    messages,
    permissions,
  };
}

/** A whole state with the given window and anything else laid over it. */
export function stateWith(window: unknown, over: Readonly<Record<string, unknown>> = {}) {
  return toWebview({
    type: 'state',
    seq: 0,
    translations: {},
    location: { name: 'greeter', directory: folder },
    trusted: true,
    window,
    hasOlder: false,
    sessions: [session],
    choices,
    notices: [],
    ...over,
  });
}

/** A numbered batch of view events. */
export function batch(seq: number, ...events: readonly unknown[]) {
  return toWebview({ type: 'events', seq, events });
}

let counter = 0;
function nextID(prefix: string): string {
  counter += 1;
  return `${prefix}_${String(counter).padStart(6, '0')}`;
}

export function user(text: string, id = nextID('msg')) {
  return {
    info: {
      id,
      sessionID,
      role: 'user',
      time: { created: began },
      agent: 'build',
      model: ref('openai', 'gpt-5.5'),
    },
    parts: [{ id: nextID('prt'), sessionID, messageID: id, type: 'text', text }],
  };
}

export type PartMaker = (messageID: string) => Readonly<Record<string, unknown>>;

export interface AnswerOptions {
  readonly id?: string;
  readonly open?: boolean;
  readonly error?: unknown;
  readonly tokens?: number;
  readonly took?: number;
  readonly cost?: number;
}

export function assistant(parts: readonly PartMaker[], options: AnswerOptions = {}) {
  const { id = nextID('msg'), open = false, error, tokens = 136_000, took = 41_000, cost = 0.06 } = options;
  return {
    info: {
      id,
      sessionID,
      role: 'assistant',
      parentID: 'msg_parent',
      modelID: 'gpt-5.5',
      providerID: 'openai',
      agent: 'build',
      mode: 'build',
      path: { cwd: folder, root: folder },
      cost,
      tokens: { ...none, input: open ? 0 : tokens },
      ...(error === undefined ? {} : { error }),
      time: open ? { created: began } : { created: began, completed: began + took },
    },
    parts: parts.map((make) => make(id)),
  };
}

function part(messageID: string, fields: Readonly<Record<string, unknown>>) {
  return { id: nextID('prt'), sessionID, messageID, ...fields };
}

export function text(value: string, open = false): PartMaker {
  return (messageID) =>
    part(messageID, {
      type: 'text',
      text: value,
      time: open ? { start: began } : { start: began, end: began + 1 },
    });
}

/** What the provider did by itself. */
export function native(name: string, words: string): PartMaker {
  return (messageID) => part(messageID, { type: 'native', name, text: words, metadata: {} });
}

/** A wait before the provider is asked again. */
export function retry(attempt: number, waitMs: number): PartMaker {
  const error = failure('rate-limit', 'APIError', { statusCode: 429, providerID: 'OpenAI' });
  const created = Date.now();
  return (messageID) =>
    part(messageID, { type: 'retry', attempt, error, time: { created, next: created + waitMs } });
}

export function reasoning(value: string, took: number | null = 4_000): PartMaker {
  return (messageID) =>
    part(messageID, {
      type: 'reasoning',
      text: value,
      time: took === null ? { start: began } : { start: began, end: began + took },
    });
}

/** A Compaction's message: its reason, and the summary as far as it is there. */
export function folded(
  reason: 'threshold' | 'overflow' | 'manual',
  summary: string,
  options: AnswerOptions = {},
) {
  const { info, parts } = assistant([], { cost: 0.02, took: 12_000, ...options });
  const made: readonly PartMaker[] = [
    (messageID) => part(messageID, { type: 'compaction', reason }),
    ...(summary === '' ? [] : [text(summary, options.open === true)]),
  ];
  return {
    info: { ...info, agent: 'compaction', mode: 'compaction', summary: true },
    parts: [...parts, ...made.map((make) => make(info.id))],
  };
}

export function tool(
  name: string,
  state: Readonly<Record<string, unknown>>,
  callID = nextID('call'),
): PartMaker {
  return (messageID) => part(messageID, { type: 'tool', callID, tool: name, state });
}

export function completed(
  name: string,
  input: Readonly<Record<string, unknown>>,
  over: {
    readonly output?: string;
    readonly metadata?: Readonly<Record<string, unknown>>;
    readonly took?: number;
  } = {},
): PartMaker {
  const { output = '', metadata = {}, took = 120 } = over;
  return tool(name, {
    status: 'completed',
    input,
    output,
    title: '',
    metadata,
    time: { start: began, end: began + took },
  });
}

export function failed(name: string, input: Readonly<Record<string, unknown>>, failure: string): PartMaker {
  return tool(name, {
    status: 'error',
    input,
    error: `The call ended: ${failure}.`,
    failure,
    time: { start: began, end: began + 50 },
  });
}

/** A call that started so many milliseconds before now, by the browser's clock. */
export function running(
  name: string,
  input: Readonly<Record<string, unknown>>,
  over: { readonly tail?: string; readonly since?: number; readonly callID?: string } = {},
): PartMaker {
  return tool(
    name,
    {
      status: 'running',
      input,
      ...(over.tail === undefined ? {} : { metadata: { tail: over.tail } }),
      time: { start: Date.now() - (over.since ?? 0) },
    },
    over.callID,
  );
}

export function permission(fields: Readonly<Record<string, unknown>>) {
  return {
    id: nextID('per'),
    sessionID,
    permission: 'shell',
    patterns: ['git push'],
    always: [],
    agent: 'build',
    origin: { layer: 'defaults' },
    time: { created: began },
    ...fields,
  };
}

export function prompt(value: string, delivery: 'steer' | 'queue') {
  return {
    id: nextID('msg'),
    sessionID,
    text: value,
    delivery,
    agent: 'build',
    model: ref('openai', 'gpt-5.5'),
    time: { created: began },
  };
}

export function failure(code: string, name = 'APIError', over: Readonly<Record<string, unknown>> = {}) {
  return {
    name,
    data: {
      code,
      message: '{"error":{"message":"Incorrect API key provided: sk-…4f2a.","type":"invalid_request_error"}}',
      providerID: 'openai',
      modelID: 'gpt-5.5',
      endpoint: 'https://api.openai.com/v1',
      statusCode: 401,
      ...over,
    },
  };
}

export const sampleDiff = `--- a/tests/login.test.ts
+++ b/tests/login.test.ts
@@ -40,7 +40,9 @@ describe('login', () => {
   test('keeps the session', async ({ page }) => {
     await page.goto('/login');
     await page.fill('#name', 'ada');
-    await page.click('button'); await page.waitForTimeout(500);
+    await page.click('button');
+    // The cookie comes with the redirect: wait for it, not for a while.
+    await page.waitForURL('/home');
     expect(await cookies(page)).toContain('session');
   });
 });
`;
