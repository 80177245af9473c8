import { expect, test } from 'vitest';
import { hasCode } from '#shared/host-error.ts';
import { parseArguments } from './arguments.ts';

const line = (text: string) => parseArguments(text === '' ? [] : text.split(' '));

test.for([
  ['session list', { type: 'list', format: 'text' }],
  ['session list --format json --dir /a', { type: 'list', format: 'json', dir: '/a' }],
  ['session show ses_1', { type: 'show', format: 'text', id: 'ses_1' }],
  ['session export', { type: 'export', format: 'text' }],
  ['session export ses_1 -o f', { type: 'export', format: 'text', id: 'ses_1', output: 'f' }],
  ['session import -', { type: 'import', format: 'text', file: '-' }],
  ['session delete ses_1 --yes', { type: 'delete', format: 'text', id: 'ses_1', confirmed: true }],
  ['session adopt', { type: 'adopt', format: 'text', confirmed: false }],
] as const)('%j is read as %j', ([text, session]) => {
  expect(line(text)).toEqual({ type: 'session', session });
});

test('a run goes on with the session that is named, or with the newest', () => {
  const run = (text: string) => {
    const parsed = line(text);
    return parsed.type === 'run' ? parsed.run : undefined;
  };
  expect(run('run --session ses_1 go on')).toMatchObject({
    session: { type: 'id', id: 'ses_1' },
    prompt: 'go on',
  });
  expect(run('run --continue go on')).toMatchObject({ session: { type: 'newest' }, prompt: 'go on' });
  expect(run('run hello')).not.toHaveProperty('session');
});

test.for([
  ['run --session ses_1 --continue x', 'pass one of them'],
  ['run --session 1 x', '"1" is not a session id'],
  ['run --yes x', 'knows no option --yes'],
  ['run --output f x', 'knows no option --output'],
  ['session', 'session needs a command'],
  ['session walk', 'no command "session walk"'],
  ['session list ses_1', 'takes no "ses_1"'],
  ['session list --model a/b', '"millrace session list" knows no option --model'],
  ['session list --format xml', '--format is'],
  ['session show', 'takes the id of a session'],
  ['session show ses_1 ses_2', 'takes the id of a session'],
  ['session delete 1', '"1" is not a session id'],
  ['session export ses_1 --yes', 'knows no option --yes'],
  ['session import', 'takes a file'],
  ['session list --nonsense', "Unknown option '--nonsense'"],
] as const)('%j is refused as wrong usage, and says what is wrong', ([text, words]) => {
  const error = problemOf(text);
  expect(hasCode(error, 'cli.usage') && error.message).toContain(words);
});

function problemOf(text: string): unknown {
  try {
    return line(text);
  } catch (error) {
    return error;
  }
}
