import { expect, test } from 'vitest';
import { contextFill } from './context-fill.ts';
import type { MessageID, SessionID } from './ids.ts';
import { type AssistantMessage, noTokens } from './message.ts';
import type { MessageWithParts } from './session.ts';

const sessionID = 'ses_a' as SessionID;
const model = { providerID: 'p', modelID: 'm' };

const prompt: MessageWithParts = {
  info: { id: 'msg_u' as MessageID, sessionID, role: 'user', time: { created: 0 }, agent: 'build', model },
  parts: [],
};

function answer(tokens: Partial<AssistantMessage['tokens']>, more: Partial<AssistantMessage> = {}) {
  const info: AssistantMessage = {
    id: 'msg_a' as MessageID,
    sessionID,
    role: 'assistant',
    parentID: prompt.info.id,
    ...model,
    agent: 'build',
    mode: 'build',
    path: { cwd: '/', root: '/' },
    cost: 0,
    tokens: { ...noTokens, ...tokens },
    time: { created: 0, completed: 1 },
    ...more,
  };
  return { info, parts: [] };
}

test('the context is filled with what the last turn read and wrote (RT-20)', () => {
  expect(contextFill([])).toBeUndefined();
  expect(contextFill([prompt])).toBeUndefined();
  const first = answer({ input: 10, output: 5, cache: { read: 100, write: 20 } });
  expect(contextFill([prompt, first])).toBe(135);
  expect(contextFill([prompt, first, prompt, answer({ input: 200, output: 7 })])).toBe(207);
});

test('a turn that is running, or failed before it was counted, leaves the figure as it was', () => {
  const first = answer({ input: 90 });
  expect(contextFill([prompt, first, prompt, answer({}, { time: { created: 2 } })])).toBe(90);
});

test('after a Compaction the figure falls to the summary, and the next turn tells it anew (RT-07)', () => {
  const full = answer({ input: 100_000, output: 500 });
  const summary = answer({ input: 90_000, output: 800, reasoning: 300 }, { summary: true });
  expect(contextFill([prompt, full, summary])).toBe(500);
  expect(contextFill([prompt, full, summary, prompt, answer({ input: 4_000, output: 10 })])).toBe(4_010);
});

test('a Compaction that runs, failed or was stopped leaves the figure as it was', () => {
  const full = answer({ input: 100_000 });
  const error = { name: 'MessageAbortedError', data: { code: 'interrupted', message: '' } } as const;
  const running = answer({ output: 5 }, { summary: true, time: { created: 2 } });
  const stopped = answer({ input: 90_000, output: 5 }, { summary: true, error });
  expect(contextFill([prompt, full, running])).toBe(100_000);
  expect(contextFill([prompt, full, stopped])).toBe(100_000);
});

test('a provider that counts nothing still shows that the context was folded', () => {
  expect(contextFill([prompt, answer({ input: 9 }), answer({}, { summary: true })])).toBe(1);
});
