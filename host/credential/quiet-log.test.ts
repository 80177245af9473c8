import { expect, test } from 'vitest';
import { HostError } from '#shared/host-error.ts';
import { createLog } from '../node/log.ts';
import { quietLog } from './quiet-log.ts';
import { createRedaction } from './redaction.ts';

const key = 'sk-canary-"0001"';

function openLog(secrets = [key]) {
  const redaction = createRedaction();
  redaction.follow({ secrets: () => secrets });
  const lines: string[] = [];
  const log = createLog({ write: (line) => lines.push(line), level: 'trace', now: () => 0 });
  return { log: quietLog(log, redaction.text), lines };
}

test('a key is in no field, message, stack or cause of what is logged, at any level (LM-08)', () => {
  const { log, lines } = openLog();
  const cause = new TypeError('inner', {
    cause: new Error(`https://models.test?key=${encodeURIComponent(key)}`),
  });
  const error = new HostError('drain.failed', `it was told ${JSON.stringify({ key })}`, { cause });
  for (const write of [log.trace, log.debug, log.info, log.warn])
    write('A fact', { said: `a ${key} b`, count: 1 });
  log.error('It broke', error, { said: key });
  log.error('It broke', key);
  expect(lines.join('\n')).not.toContain('canary');
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ said: 'a [redacted] b', count: 1 });
  expect(JSON.parse(lines[4] ?? '')).toMatchObject({
    said: '[redacted]',
    error: {
      ...{ name: 'HostError', code: 'drain.failed', message: 'it was told {"key":"[redacted]"}' },
      cause: {
        name: 'TypeError',
        message: 'inner',
        cause: { message: 'https://models.test?key=[redacted]' },
      },
    },
  });
});

test('an error in which nothing is to be hidden is passed on itself, and causes in a ring end', () => {
  const told: unknown[] = [];
  const ignore = () => undefined;
  const log = { trace: ignore, debug: ignore, info: ignore, warn: ignore };
  const quiet = quietLog({ ...log, error: (_, error) => told.push(error) }, (text) =>
    text.replaceAll(key, '…'),
  );
  const plain = new Error('plain', { cause: new Error('why') });
  const ring = new Error(key);
  ring.cause = ring;
  quiet.error('It broke', plain);
  quiet.error('It broke', ring);
  expect(told[0]).toBe(plain);
  expect(told[1]).toMatchObject({ message: '…', cause: { message: '…' } });
});

test('what is no longer held is redacted as long as it is told, and a short word never is', () => {
  const { log, lines } = openLog(['abc', 'long-enough']);
  log.info('A fact', { said: 'abc long-enough' });
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ said: 'abc [redacted]' });
});
