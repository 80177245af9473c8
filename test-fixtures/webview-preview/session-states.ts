import type { PreviewState } from './reach.ts';
import {
  assistant,
  completed,
  failure,
  folded,
  folder,
  prompt,
  session,
  stateWith,
  text,
  toWebview,
  user,
  view,
} from './samples.ts';

const asked = 'The login test fails one in five. Find out why and fix it.';
const then = 'Now do the same for the logout test, and say what they have in common.';
const answered = () => [
  user(asked),
  assistant([
    completed('read', { filePath: `${folder}/tests/login.test.ts` }, { metadata: { count: 51 } }),
    text('The test raced the redirect. It waits for the page now.'),
  ]),
];

const summary = `**Goal.** The login test must pass every time.

**Done**
- \`tests/login.test.ts\` waits for \`/home\` after the click

**Open.** The logout test has the same race.`;

const tokens = { input: 48_210, output: 6_930, reasoning: 2_100, cache: { read: 311_000, write: 40_500 } };

const running =
  (...messages: readonly unknown[]) =>
  () => [stateWith(view({ busy: true, messages: [...answered(), ...messages] }))];
const idle =
  (...messages: readonly unknown[]) =>
  () => [stateWith(view({ messages: [...answered(), ...messages] }))];

/** A Compaction that began so long ago, by the browser's clock. */
function foldingFor(milliseconds: number) {
  const made = folded('manual', '**Goal.** The login', { open: true });
  return { ...made, info: { ...made.info, time: { created: Date.now() - milliseconds } } };
}

const others = [
  'Rename greet to welcome',
  'Explain the build',
  'Add dark mode to the page that the redirect leads to and that nobody asked for',
  'Upgrade to Node 24',
];

function family() {
  const now = Date.now();
  const made = (id: string, title: string, over: Readonly<Record<string, unknown>> = {}) => ({
    ...session,
    id,
    title,
    time: { created: 0, updated: now - 3_600_000 },
    ...over,
  });
  return [
    session,
    made('ses_child', 'Find every test that waits for a fixed time', { parentID: session.id }),
    made('ses_grandchild', 'Read the docs on navigations', { parentID: 'ses_child' }),
    ...others.map((title, index) =>
      made(`ses_other${index}`, title, { time: { created: 0, updated: now - (index + 2) ** 3 * 9_000_000 } }),
    ),
    made('ses_old', 'Try another bundler', {
      time: { created: 0, updated: now - 9_000_000_000, archived: now },
    }),
  ];
}

const list = 'Sessions: Fix the flaky login test';

/** States of what is done with sessions: waiting prompts, Compaction, usage, the list, what was taken back. */
export const sessionStates: Readonly<Record<string, PreviewState>> = {
  'queued-edit': {
    messages: () => [
      stateWith(
        view({
          busy: true,
          messages: [user(asked), assistant([text('I run the tests now', true)], { open: true })],
          inbox: [prompt('Also run the linter.', 'steer'), prompt('Then write a changelog line.', 'queue')],
        }),
      ),
    ],
    press: ['Edit this prompt'],
  },
  'send-menu': {
    messages: () => [
      stateWith(view({ busy: true, messages: [user(asked), assistant([text('I', true)], { open: true })] })),
    ],
    type: 'Also run the linter.',
    press: ['Steer or queue'],
  },
  compacting: { messages: () => running(foldingFor(14_000))() },
  compacted: {
    messages: () =>
      idle(
        folded('threshold', summary),
        user(then),
        assistant([text('Both waited for a fixed time.')], { tokens: 21_000 }),
      )(),
    press: ['Conversation folded · automatic'],
  },
  'compacted-manual': { messages: () => idle(folded('manual', summary))() },
  'compaction-failed': {
    messages: () =>
      idle(
        folded('manual', '', { error: failure('interrupted', 'MessageAbortedError') }),
        folded('manual', '', { error: failure('server') }),
      )(),
  },
  'compaction-interrupted': {
    messages: () =>
      idle(user(then), folded('threshold', '', { error: failure('interrupted', 'MessageAbortedError') }))(),
  },
  pruned: {
    messages: () => {
      const call = completed(
        'grep',
        { pattern: 'waitForTimeout' },
        { metadata: { count: 7 }, output: 'login.test.ts:44: waitForTimeout(500)' },
      );
      const message = assistant([call]);
      const [part] = message.parts;
      const state = part?.['state'] as { readonly time: object };
      const left = { ...part, state: { ...state, time: { ...state.time, compacted: 1 } } };
      return [
        stateWith(
          view({ messages: [user(asked), { ...message, parts: [left] }, assistant([text('Seven.')])] }),
        ),
      ];
    },
    press: ['grep "waitForTimeout"'],
  },
  usage: {
    messages: () => [
      stateWith(
        view({
          messages: answered(),
          header: { cost: 0.21, tokens, children: { cost: 0.08, tokens: { ...tokens, input: 9_400 } } },
        }),
      ),
    ],
    press: ['34% $0.29 136k of 400k tokens of context used'],
  },
  'prompt-actions': { messages: () => idle(user(then), assistant([text('Both waited.')]))(), hover: asked },
  'session-tree': {
    messages: () => [stateWith(view({ messages: answered() }), { sessions: family() })],
    press: [list, 'Archived (1)'],
  },
  'session-menu': {
    messages: () => [stateWith(view({ messages: answered() }), { sessions: family() })],
    press: [list, 'Actions for Explain the build'],
  },
  'session-search': {
    messages: () => [stateWith(view({ messages: answered() }), { sessions: family() })],
    press: [list],
    search: 'redirect',
    answer: () => [
      toWebview({
        type: 'sessions.found',
        query: 'redirect',
        found: [
          {
            id: session.id,
            snippet:
              '…**Why.** It raced the `redirect` in `tests/login.test.ts`. - It waits for the page now, and pas…',
          },
          {
            id: 'ses_other1',
            snippet: '…swers with a redirect to /home before **any** of the assets of the page are the…',
          },
          { id: 'ses_other2' },
        ],
      }),
    ],
  },
  'session-rename': {
    messages: () => [stateWith(view({ messages: answered() }), { sessions: family() })],
    press: ['Rename session'],
  },
  'usage-nearly-full': {
    messages: () => [
      stateWith(
        view({
          messages: [user(asked), assistant([text('Done.')], { tokens: 352_000 })],
          header: { tokens },
        }),
      ),
    ],
    press: ['88% $0.21 352k of 400k tokens of context used'],
  },
  reverted: {
    messages: () => {
      const taken = user(then);
      return [
        stateWith(
          view({
            messages: [...answered(), taken, assistant([text('Both waited for a fixed time.')])],
            header: { revert: { messageID: taken.info.id, messages: 2, files: 3 } },
          }),
        ),
        toWebview({ type: 'draft', text: then }),
      ];
    },
  },
  adoptable: {
    messages: () => [
      stateWith(view({ messages: answered() }), {
        notices: [
          {
            key: 'adopt',
            level: 'info',
            code: 'sessions.adoptable',
            data: { '0': '/home/ada/old-greeter', '1': 12 },
          },
        ],
      }),
    ],
  },
};
