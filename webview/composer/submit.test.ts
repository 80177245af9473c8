import { expect, test } from 'vitest';
import { MessageID, SessionID } from '#shared/ids.ts';
import { isCompact, nextAgent, promptKey, submissionOf } from './submit.ts';

const choices = {
  agents: [
    { name: 'build', description: '' },
    { name: 'plan', description: '' },
  ],
  agent: 'build',
  model: { providerID: 'p', modelID: 'm' },
};
const sessionID = SessionID.make('ses_1');

const key = (over: Readonly<Record<string, unknown>>) =>
  ({
    key: '',
    keyCode: 0,
    isComposing: false,
    shiftKey: false,
    altKey: false,
    ctrlKey: false,
    metaKey: false,
    ...over,
  }) as unknown as KeyboardEvent;

test('Enter sends, with Alt it queues, with Shift it breaks the line', () => {
  expect(promptKey(key({ key: 'Enter' }), false)).toBe('send');
  expect(promptKey(key({ key: 'Enter', altKey: true }), false)).toBe('queue');
  expect(promptKey(key({ key: 'Enter', shiftKey: true }), false)).toBe('none');
});

test('an input method that composes owns Enter and Tab', () => {
  expect(promptKey(key({ key: 'Enter', isComposing: true }), false)).toBe('none');
  expect(promptKey(key({ key: 'Enter', keyCode: 229 }), false)).toBe('none');
  expect(promptKey(key({ key: 'Tab', isComposing: true }), true)).toBe('none');
});

test('Tab switches the agent in an empty prompt only, and Shift+Tab always leaves (UI-02)', () => {
  expect(promptKey(key({ key: 'Tab' }), true)).toBe('next-agent');
  expect(promptKey(key({ key: 'Tab' }), false)).toBe('none');
  expect(promptKey(key({ key: 'Tab', shiftKey: true }), true)).toBe('none');
});

test('the agents are walked through in a circle; a single one is not', () => {
  expect(nextAgent(choices)).toBe('plan');
  expect(nextAgent({ ...choices, agent: 'plan' })).toBe('build');
  expect(nextAgent({ ...choices, agents: choices.agents.slice(0, 1) })).toBeNull();
});

test('a draft of white space is not sent', () => {
  const draft = { text: ' \n ', revision: 0, id: null };
  expect(submissionOf({ draft, sessionID, choices, delivery: 'steer' })).toBeNull();
});

test('a draft is sent trimmed, with the chosen agent and model and an id of its own', () => {
  const draft = { text: ' do it\n', revision: 0, id: null };
  const { prompt, message } = submissionOf({ draft, sessionID, choices, delivery: 'queue' }) ?? {};
  expect(message).toMatchObject({
    sessionID,
    text: 'do it',
    delivery: 'queue',
    agent: 'build',
    model: choices.model,
  });
  expect(message?.messageID).toMatch(/^msg_/u);
  expect(prompt?.id).toBe(message?.messageID);
});

test('a text that was sent before without an answer goes under the same id (RT-17)', () => {
  const id = MessageID.make('msg_before');
  const draft = { text: 'do it', revision: 0, id };
  expect(submissionOf({ draft, sessionID, choices, delivery: 'steer' })?.message.messageID).toBe(id);
});

test('only the bare command asks for a Compaction', () => {
  expect(['/compact', ' /compact\n'].map(isCompact)).toEqual([true, true]);
  expect(['/compact it', '/Compact', 'run /compact', ''].map(isCompact)).toEqual([
    false,
    false,
    false,
    false,
  ]);
});
