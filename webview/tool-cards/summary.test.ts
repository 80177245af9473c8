import { expect, test } from 'vitest';
import { MessageID, PartID, SessionID } from '#shared/ids.ts';
import type { ToolPart } from '#shared/part.ts';
import { partialArgument, subjectOf } from './summary.ts';

const part = (tool: string, state: ToolPart['state']): ToolPart => ({
  id: PartID.make('prt_1'),
  sessionID: SessionID.make('ses_1'),
  messageID: MessageID.make('msg_1'),
  type: 'tool',
  callID: 'c',
  tool,
  state,
});
const running = (input: ToolPart['state']['input'], title?: string): ToolPart['state'] => ({
  status: 'running',
  input,
  ...(title === undefined ? {} : { title }),
  time: { start: 1 },
});

test('file tools are about their file, read with its lines', () => {
  expect(subjectOf(part('edit', running({ filePath: '/w/a.ts' })))).toEqual({
    type: 'file',
    path: '/w/a.ts',
    line: undefined,
    range: '',
  });
  expect(subjectOf(part('read', running({ filePath: '/w/a.ts', offset: 40, limit: 51 })))).toMatchObject({
    line: 40,
    range: ':40-90',
  });
});

test('a command is shown by its first line', () => {
  expect(subjectOf(part('shell', running({ command: 'cat <<E\nx\nE' })))).toMatchObject({
    text: 'cat <<E …',
  });
});

test('an unknown tool is shown by its title, or by nothing', () => {
  expect(subjectOf(part('mine', running({ a: 1 }, 'Does it')))).toMatchObject({
    type: 'text',
    text: 'Does it',
  });
  expect(subjectOf(part('mine', running({ a: 1 })))).toEqual({ type: 'none' });
});

test('arguments of the wrong type do no harm', () => {
  expect(subjectOf(part('read', running({ filePath: 7 })))).toEqual({ type: 'none' });
});

test('the subject shows while the arguments still stream in', () => {
  const pending: ToolPart['state'] = { status: 'pending', input: {}, raw: '{"filePath": "src/a\\"b' };
  expect(subjectOf(part('read', pending))).toMatchObject({ type: 'file', path: 'src/a"b' });
  expect(partialArgument('{"filePa', 'filePath')).toBeUndefined();
  expect(partialArgument('{"command":"a\\nb\\', 'command')).toBe('a\nb');
});
