import { expect, test } from 'vitest';
import type { PartID } from '#shared/ids.ts';
import { said, summed } from '../testing/history.ts';
import { createOutput } from './output.ts';

function printed(...messages: readonly ReturnType<typeof said>[]) {
  let stdout = '';
  const streams = {
    stdout: {
      write: (text: string) => {
        stdout += text;
      },
    },
    stderr: { write: () => undefined },
  };
  const output = createOutput('text', streams);
  for (const { info } of messages) {
    const { sessionID, id: messageID } = info;
    output.event({ type: 'message.updated', properties: { sessionID, info } });
    const partID = `prt_${messageID}` as PartID;
    const properties = {
      sessionID,
      messageID,
      partID,
      field: 'text',
      delta: `text of ${messageID}`,
    } as const;
    output.event({ type: 'message.part.delta', properties });
  }
  output.end();
  return { stdout, endedWell: output.endedWell() };
}

test('the summary that history is folded into is no part of the printed answer (HL-03)', () => {
  expect(printed(summed('s1'), said('a1'))).toEqual({ stdout: 'text of a1\n', endedWell: true });
});
