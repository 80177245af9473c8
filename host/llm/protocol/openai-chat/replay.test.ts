import { describe, expect, test } from 'vitest';
import { openaiCompatible } from '../../providers/openai-compatible.ts';
import type { LLMEvent } from '../../schema.ts';
import {
  type Answer,
  collect,
  cutUp,
  digestOf,
  hashOf,
  hasRecordings,
  randomSizes,
  recordedAnswers,
  textsOf,
} from '../../testing/recordings.ts';
import { replayFetch, useReplayServer } from '../../testing/replay-server.ts';

const server = useReplayServer();

function overHTTP(answer: Answer, pieces: readonly Uint8Array[]): Promise<readonly LLMEvent[]> {
  server.answerWith({ ...answer, pieces });
  return collect(openaiCompatible({ baseURL: `${server.origin()}/v1` }));
}

function inPieces(answer: Answer, pieces: readonly Uint8Array[]): Promise<readonly LLMEvent[]> {
  const fetch = replayFetch({ ...answer, pieces });
  return collect(openaiCompatible({ baseURL: 'http://replay.invalid/v1', fetch }));
}

const list = recordedAnswers(['openai-chat'], (url) => url.includes('/chat/completions'));

describe.skipIf(list.length === 0)('recorded answers of chat completions', () => {
  test.each(list.map((answer) => [answer.name, answer] as const))(
    '%s is decoded alike at every split',
    async (_name, answer) => {
      const { body } = answer;
      const golden = await overHTTP(answer, [body]);
      expect(golden.filter(({ type }) => type === 'finish' || type === 'error')).toHaveLength(1);
      expect(golden.at(-1)?.type).toMatch(/^(finish|error)$/);
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
      if (!answer.type.includes('event-stream')) return;
      const text = body.toString();
      const crlf = Buffer.from(text.replace(/\r?\n/g, '\r\n'));
      expect(await inPieces(answer, cutUp(crlf, sizes))).toEqual(golden);
      const comments = ': keep-alive\n\nid: 7\nretry: 10\nevent: message\ndata:';
      const noisy = Buffer.from(text.replace(/^data: /gm, comments));
      expect(
        await overHTTP(
          answer,
          cutUp(noisy, () => 211),
        ),
      ).toEqual(golden);
      expect(words(golden)).toEqual(wordsByHand(text));
    },
  );

  test('small answers are decoded alike when cut in two at every byte', async () => {
    const small = list.filter(({ body }) => body.length < 1300);
    expect(small.length).toBeGreaterThan(0);
    for (const answer of small) {
      const { body, name } = answer;
      const golden = hashOf(await inPieces(answer, [body]));
      for (let at = 1; at < body.length; at += 1) {
        const halves = [body.subarray(0, at), body.subarray(at)];
        if (hashOf(await inPieces(answer, halves)) !== golden)
          expect.fail(`${name} differs when cut at ${at}`);
      }
    }
  }, 60_000);
});

test.skipIf(!hasRecordings)('recorded answers are at hand', () => {
  expect(list.length).toBeGreaterThan(10);
});

type Words = { readonly text: string; readonly reasoning: string; readonly args: string };

function words(decoded: readonly LLMEvent[]): Words {
  return {
    text: textsOf(decoded, 'text.delta'),
    reasoning: textsOf(decoded, 'reasoning.delta'),
    args: textsOf(decoded, 'tool.input.delta'),
  };
}

/** Another, plain reading of the same stream, to compare with. */
function wordsByHand(body: string): Words {
  const chunks = body
    .split(/\r?\n/)
    .filter((line) => line.startsWith('data:') && !line.includes('[DONE]'))
    .map((line) => JSON.parse(line.slice(5)));
  const until = chunks.findIndex(
    (chunk) => chunk.error || typeof chunk.choices?.[0]?.delta?.content === 'number',
  );
  const deltas = chunks
    .slice(0, until === -1 ? undefined : until)
    .map((chunk) => chunk.choices?.[0]?.delta ?? {});
  return {
    text: deltas.map(({ content }) => content ?? '').join(''),
    reasoning: deltas.map((delta) => delta.reasoning_content ?? delta.reasoning ?? '').join(''),
    args: deltas
      .flatMap(({ tool_calls }) => tool_calls ?? [])
      .map((call) => call.function?.arguments ?? '')
      .join(''),
  };
}
