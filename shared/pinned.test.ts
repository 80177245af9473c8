import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as Schema from 'effect/Schema';
import { expect, test } from 'vitest';
import { ViewEvent } from './events.ts';
import { MessageInfo } from './message.ts';
import { Part } from './part.ts';
import { FromWebview, ToWebview } from './protocol.ts';
import { words } from './words.ts';

// What others depend on. A change here is a change for them: make it on purpose, with a line in the CHANGELOG.

/** The `type`s of a union's members, as its JSON Schema tells them. */
function typesOf(schema: Schema.Top): string[] {
  const text = JSON.stringify(Schema.toJsonSchemaDocument(schema).schema);
  const members = (JSON.parse(text) as { anyOf: { properties: { type: { enum: string[] } } }[] }).anyOf;
  return members.flatMap((member) => member.properties.type.enum);
}

test('the names of view events are pinned', () => {
  expect(typesOf(ViewEvent)).toMatchInlineSnapshot(`
    [
      "session.created",
      "session.updated",
      "session.deleted",
      "session.compacted",
      "session.status",
      "session.input.admitted",
      "session.input.promoted",
      "session.input.cancelled",
      "message.updated",
      "message.removed",
      "message.part.updated",
      "message.part.delta",
      "permission.asked",
      "permission.replied",
      "session.idle",
      "notice.raised",
      "notice.cleared",
    ]
  `);
});

test('the names of part types are pinned', () => {
  expect(typesOf(Part)).toMatchInlineSnapshot(`
    [
      "text",
      "reasoning",
      "native",
      "tool",
      "retry",
      "step-finish",
      "context",
      "compaction",
    ]
  `);
});

test('the messages between host and page are pinned', () => {
  expect({ to: typesOf(ToWebview), from: typesOf(FromWebview) }).toMatchInlineSnapshot(`
    {
      "from": [
        "ready",
        "ack",
        "resync",
        "prompt.submit",
        "input.edit",
        "input.cancel",
        "run.stop",
        "run.continue",
        "permission.reply",
        "session.new",
        "session.open",
        "session.rename",
        "session.archive",
        "session.delete",
        "session.fork",
        "session.revert",
        "session.unrevert",
        "session.compact",
        "session.search",
        "session.export",
        "sessions.adopt",
        "sessions.adopt.decline",
        "trace.show",
        "older.load",
        "choices.change",
        "model.choose",
        "account.sign-in",
        "endpoint.consent",
        "link.open",
        "file.open",
        "config.open",
        "log.show",
        "trust.manage",
        "error.report",
      ],
      "to": [
        "state",
        "events",
        "choices",
        "older",
        "sessions.found",
        "draft",
        "focus",
        "prompt.admitted",
        "prompt.refused",
      ],
    }
  `);
});

test('the codes of errors in a conversation are pinned', () => {
  const codes = Object.keys(words).flatMap((key) => /^error\.([\w-]+)\.next$/.exec(key)?.[1] ?? []);
  expect(codes).toMatchInlineSnapshot(`
    [
      "auth",
      "quota",
      "rate-limit",
      "overflow",
      "content-filter",
      "invalid-request",
      "model-not-found",
      "model-denied",
      "server",
      "unreachable",
      "timeout",
      "stream-cut",
      "protocol",
      "model-unknown",
      "model-none",
      "model-unusable",
      "credential-withheld",
      "agent-unknown",
      "output-limit",
      "steps",
      "compaction-empty",
      "unknown",
    ]
  `);
});

test('a message of OpenCode’s own making is read', () => {
  const info = {
    id: 'msg_1',
    sessionID: 'ses_1',
    role: 'assistant',
    parentID: 'msg_0',
    modelID: 'gpt-5.5',
    providerID: 'openai',
    mode: 'build',
    agent: 'build',
    path: { cwd: '/a', root: '/a' },
    cost: 0,
    tokens: { input: 1, output: 2, reasoning: 0, cache: { read: 0, write: 0 } },
    finish: 'stop',
    time: { created: 1, completed: 2 },
  };
  expect(Schema.decodeUnknownSync(MessageInfo)(info)).toEqual(info);
});

test('every text with a placeholder says so in order, and every error code has both of its texts', () => {
  for (const [key, text] of Object.entries(words)) {
    const numbers = [...text.matchAll(/\{(\d)\}/g)].map(([, digit]) => Number(digit));
    expect(Math.max(-1, ...numbers), key).toBeLessThan(3);
  }
  const [all, ofPage] = ['words.ts', 'page-words.ts'].map((file) =>
    readFileSync(join(import.meta.dirname, file), 'utf8'),
  );
  expect(`${all}${ofPage}`).not.toMatch(/!'|Oops/);
});
