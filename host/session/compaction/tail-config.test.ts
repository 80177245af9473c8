import { expect, test } from 'vitest';
import { bodyOf } from '../../testing/read-view.ts';
import { openTestHost } from '../../testing/test-host.ts';

// What of a conversation stays word for word when it is folded, by the keys of OpenCode's `compaction` (RT-07).

const read = { tool: 'read', input: { filePath: 'greet.ts' } };
const little = { usage: { input: 3_000, output: 10 } };
const script = {
  model: 'scripted',
  turns: [
    { when: { tools: false, user: 'write the summary' }, reply: [{ text: 'SUMMARY' }] },
    { when: { user: 'fill it', step: 0 }, reply: [read, { usage: { input: 125_000, output: 100 } }] },
    { when: { user: 'fill it', step: 1 }, reply: [{ text: 'Filled.' }, little] },
    { reply: [{ text: 'Answer.' }, little] },
  ],
};

test.for([
  [{}, ['fill it', 'call', 'result'], ['one', 'two']],
  [{ tail_turns: 0 }, ['fill it'], ['one', 'two', 'called read']],
  [{ tail_turns: 1 }, ['fill it', 'call', 'result'], ['one', 'two']],
  [{ tail_turns: 2 }, ['two', 'Answer.', 'fill it', 'call', 'result'], ['one']],
  [{ tail_turns: 2, preserve_recent_tokens: 1 }, ['fill it'], ['one', 'two', 'called read']],
  [{ preserve_recent_tokens: 0 }, ['fill it'], ['one', 'two', 'called read']],
] as const)(
  'with compaction %j, %j stands behind the summary, and %j is folded',
  async ([config, kept, gone]) => {
    await using rig = await openTestHost({ script, config: { compaction: config } });
    const { session } = await rig.run('one');
    await rig.run('two', { sessionID: session.id });
    await rig.run('fill it', { sessionID: session.id });
    const { requests } = rig.server;
    const fold = requests.findIndex(({ hasTools }) => !hasTools);
    const sent = bodyOf(requests[fold + 1]).messages?.slice(3) ?? [];
    const shown = sent.map(({ role, content }) => (role === 'tool' ? 'result' : (content ?? 'call')));
    expect(shown).toEqual(kept);
    for (const words of gone) expect(requests[fold]?.user).toContain(words);
    expect(rig.host.notices()).toEqual([]);
  },
);
