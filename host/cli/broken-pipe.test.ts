import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { brokenPipe } from './broken-pipe.ts';

const failure = (code: string) => Object.assign(new Error(code), { code });

test('a stream that nobody reads any more is told once, and its later failures are quiet', () => {
  const stream = new EventEmitter();
  const broken = brokenPipe([stream]);
  expect(broken.aborted).toBe(false);
  stream.emit('error', failure('EPIPE'));
  stream.emit('error', failure('EPIPE'));
  expect(broken.aborted).toBe(true);
});

test('any other failure of a stream is thrown', () => {
  const stream = new EventEmitter();
  const broken = brokenPipe([stream]);
  expect(() => stream.emit('error', failure('EIO'))).toThrow('EIO');
  expect(broken.aborted).toBe(false);
});
