import { describe, expect, test } from 'vitest';
import type { Fetch } from '../framing/exchange.ts';
import type { Route } from '../route.ts';
import type { LLMEvent } from '../schema.ts';
import {
  type Answer,
  collect,
  cutUp,
  digestOf,
  hashOf,
  hasRecordings,
  randomSizes,
  recordedAnswers,
} from './recordings.ts';
import { replayFetch, useReplayServer } from './replay-server.ts';

export type ReplaySuite = {
  /** Folders of recordings; see `recordedAnswers`. */
  readonly folders: readonly string[];
  readonly accepts: (url: string) => boolean;
  /** Fewer recordings than that are not at hand by mistake. */
  readonly least: number;
  /** The way to a server at `origin`, or through `fetch`. */
  readonly routeTo: (origin: string, fetch?: Fetch) => Route;
  /** Whatever else must hold for what an answer was decoded into. */
  readonly also?: (answer: Answer, golden: readonly LLMEvent[]) => void;
};

/**
 * Registers the tests that every protocol passes: recorded answers come through a real HTTP server and are decoded
 * alike, however their bytes are cut, whatever line ends and comments stand between; what they give is pinned.
 */
export function testReplays(name: string, { folders, accepts, least, routeTo, also }: ReplaySuite): void {
  const server = useReplayServer();
  const list = recordedAnswers(folders, accepts);
  const overHTTP = (answer: Answer, pieces: readonly Uint8Array[]) => {
    server.answerWith({ ...answer, pieces });
    return collect(routeTo(server.origin()));
  };
  const inPieces = (answer: Answer, pieces: readonly Uint8Array[]) =>
    collect(routeTo('http://replay.invalid', replayFetch({ ...answer, pieces })));

  describe.skipIf(list.length === 0)(`recorded answers of ${name}`, () => {
    test.each(list.map((answer) => [answer.name, answer] as const))(
      '%s is decoded alike at every split',
      async (_name, answer) => {
        const { body } = answer;
        const golden = await overHTTP(answer, [body]);
        expect(golden.filter(({ type }) => type === 'finish' || type === 'error')).toHaveLength(1);
        expect(['finish', 'error']).toContain(golden.at(-1)?.type);
        expect(JSON.stringify(digestOf(golden))).toMatchSnapshot();
        const sizes = randomSizes(body.length);
        expect(
          await overHTTP(
            answer,
            cutUp(body, () => 37),
          ),
        ).toEqual(golden);
        expect(await inPieces(answer, cutUp(body, sizes))).toEqual(golden);
        if (body.length < 9000)
          expect(
            await inPieces(
              answer,
              cutUp(body, () => 1),
            ),
          ).toEqual(golden);
        also?.(answer, golden);
        if (!answer.type.includes('event-stream')) return;
        const text = body.toString();
        const crlf = Buffer.from(text.replace(/\r?\n/g, '\r\n'));
        expect(await inPieces(answer, cutUp(crlf, sizes))).toEqual(golden);
        const noisy = Buffer.from(text.replace(/^data: /gm, ': keep-alive\nid: 7\nretry: 10\ndata:'));
        expect(
          await overHTTP(
            answer,
            cutUp(noisy, () => 211),
          ),
        ).toEqual(golden);
      },
    );

    test('small answers are decoded alike when cut in two at every byte', async () => {
      for (const answer of list.filter(({ body }) => body.length < 1300)) {
        const { body } = answer;
        const golden = hashOf(await inPieces(answer, [body]));
        for (let at = 1; at < body.length; at += 1) {
          const halves = [body.subarray(0, at), body.subarray(at)];
          if (hashOf(await inPieces(answer, halves)) !== golden)
            expect.fail(`${answer.name} differs when cut at ${at}`);
        }
      }
    }, 60_000);
  });

  test.skipIf(!hasRecordings)('recorded answers are at hand', () => {
    expect(list.length).toBeGreaterThanOrEqual(least);
  });
}
