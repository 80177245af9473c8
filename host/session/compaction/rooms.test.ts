import { expect, test } from 'vitest';
import { tailRoom, transcriptRoom } from './rooms.ts';
import { answerRoom, usableContext } from './usable-context.ts';

test.for([
  [{ context: 128_000, output: 8_192 }, undefined, 119_808],
  [{ context: 200_000, output: 64_000 }, undefined, 168_000],
  [{ context: 400_000, input: 272_000, output: 128_000 }, undefined, 252_000],
  [{ context: 128_000, output: 8_192 }, 20_000, 108_000],
  [{ context: 128_000, output: 8_192 }, 0, 128_000],
  // Listed with both the same, or without an answer's limit: half of the window stays.
  [{ context: 8_192, output: 8_192 }, undefined, 4_096],
  [{ context: 8_192 }, undefined, 4_096],
  [{ context: 8_192 }, 500_000, 4_096],
  [{ context: 0 }, undefined, undefined],
  [{}, 5_000, undefined],
] as const)('a window %j with %j reserved may be filled with %j tokens', ([limit, reserved, usable]) => {
  expect(usableContext(limit, reserved)).toBe(usable);
});

test('an answer may take its own limit, 32,000 tokens or half of the window, whichever is least', () => {
  expect(answerRoom({ context: 128_000, output: 8_192 })).toBe(8_192);
  expect(answerRoom({ context: 1_000_000, output: 128_000 })).toBe(32_000);
  expect(answerRoom({ context: 8_192 })).toBe(4_096);
  expect(answerRoom({})).toBe(32_000);
});

test('without a known window, what a provider has taken before is the measure', () => {
  const overflowed = false;
  expect(tailRoom({}, { fill: 8_000, history: 3_000, overflowed })).toBe(2_000);
  expect(tailRoom({}, { fill: undefined, history: 16_000, overflowed })).toBe(2_000);
  expect(tailRoom({ context: 100_000 }, { fill: 9, history: 9, overflowed })).toBe(25_000);
  expect(transcriptRoom({}, { fill: 20_000, history: 60_000, overflowed })).toBe(22_100);
});

test('a window that has just shown to be smaller than configured is not believed', () => {
  const limit = { context: 200_000, output: 8_000 };
  const lengths = { fill: 10_000, history: 40_000 };
  expect(transcriptRoom(limit, { ...lengths, overflowed: false })).toBe(143_600);
  expect(transcriptRoom(limit, { ...lengths, overflowed: true })).toBe(14_600);
  expect(tailRoom(limit, { ...lengths, overflowed: true })).toBe(5_000);
});

test('the user chooses what stays word for word, up to half of the window', () => {
  const lengths = { fill: 10_000, history: 40_000, overflowed: false };
  expect(tailRoom({ context: 100_000 }, lengths, 40_000)).toBe(40_000);
  expect(tailRoom({ context: 100_000 }, lengths, 0)).toBe(0);
  expect(tailRoom({ context: 100_000 }, lengths, 90_000)).toBe(50_000);
  expect(tailRoom({ context: 100_000 }, { ...lengths, overflowed: true }, 90_000)).toBe(10_000);
});
