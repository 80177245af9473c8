import type { PreviewState } from './reach.ts';
import {
  assistant,
  batch,
  completed,
  failed,
  failure,
  folder,
  native,
  permission,
  prompt,
  reasoning,
  retry,
  running,
  sampleDiff,
  session,
  sessionID,
  stateWith,
  text,
  user,
  view,
} from './samples.ts';
import { sessionStates } from './session-states.ts';

const answer = `The test raced the redirect. I wait for the session cookie's page instead of a fixed time, and the test now passes **ten times out of ten**.

- \`tests/login.test.ts\`: waits for \`/home\`
- nothing else changed; see [the docs](https://playwright.dev/docs/navigations) and [login.test.ts](tests/login.test.ts#L44)

\`\`\`ts
await page.click('button');
// The cookie comes with the redirect.
await page.waitForURL('/home');
\`\`\`

| run | before | after |
| --- | ---: | ---: |
| passed | 4 of 5 | 10 of 10 |
| slowest | 1.9 s | 0.8 s |
`;

const work = () => [
  reasoning('The test fails one in five.\n\nProbably a race with the redirect after the click.'),
  completed('grep', { pattern: 'waitForLogin' }, { metadata: { count: 7 } }),
  completed(
    'read',
    { filePath: `${folder}/tests/login.test.ts`, offset: 40, limit: 51 },
    { metadata: { count: 51 } },
  ),
  completed(
    'edit',
    { filePath: `${folder}/tests/login.test.ts` },
    { metadata: { additions: 3, deletions: 1, diff: sampleDiff } },
  ),
  completed(
    'shell',
    { command: 'npm test -- login' },
    { output: '✓ login › keeps the session (812 ms)\n\n 1 passed\n', metadata: { exit: 0 }, took: 6_100 },
  ),
];

const asked = 'The login test fails one in five. Find out why and fix it.';
const finished = () => [user(asked), assistant(work()), assistant([text(answer)])];

const editRequest = (callID: string, messageID: string) =>
  permission({
    permission: 'edit',
    patterns: ['tests/login.test.ts'],
    always: ['tests/**'],
    origin: { layer: 'project', rule: { permission: 'edit', pattern: '*', action: 'ask' } },
    subject: {
      type: 'edit',
      filePath: `${folder}/tests/login.test.ts`,
      diff: sampleDiff,
      additions: 3,
      deletions: 1,
    },
    tool: { messageID, callID, name: 'edit' },
  });

const shellRequest = (command: string, over: Readonly<Record<string, unknown>> = {}) =>
  permission({
    subject: { type: 'command', command, workdir: `${folder}/app` },
    tool: { messageID: 'msg_ask', callID: 'call_ask', name: 'shell' },
    ...over,
  });

const asking = (command: string, requests: readonly unknown[]) =>
  stateWith(
    view({
      busy: true,
      permissions: requests,
      messages: [
        user('Commit this and push it.'),
        assistant(
          [
            text('I commit the change and push the branch.'),
            running('shell', { command }, { callID: 'call_ask' }),
          ],
          {
            id: 'msg_ask',
            open: true,
          },
        ),
      ],
    }),
  );

const errorState = (code: string, name?: string, over?: Readonly<Record<string, unknown>>) => () => [
  stateWith(view({ messages: [user(asked), assistant([], { error: failure(code, name, over) })] })),
];

const hostile =
  'git commit -am "fix" \u001b[2K && echo \u202e"hsup tig"\u2069 \u200b && git push origin \u05d0\u05d1\u05d2 --force-with-lease --follow-tags --atomic';

/** Every state that must be drawn, by name. */
export const states: Readonly<Record<string, PreviewState>> = {
  'empty-folder': { messages: () => [stateWith(null, { location: null, sessions: [] })] },
  'empty-provider': {
    messages: () => [stateWith(null, { sessions: [], choices: { agents: [], agent: 'build', model: null } })],
  },
  empty: { messages: () => [stateWith(null, { sessions: [] })] },
  untrusted: { messages: () => [stateWith(null, { trusted: false })] },
  notices: {
    messages: () => [
      stateWith(view({ messages: finished() }), {
        notices: [
          {
            key: 'config',
            level: 'warning',
            code: 'config.syntax',
            data: { file: 'opencode.json', line: 12, reason: 'a comma is missing' },
          },
          { key: 'store', level: 'error', code: 'store.newer', data: {} },
        ],
      }),
    ],
  },
  sending: {
    messages: () => [stateWith(null, { sessions: [] })],
    type: asked,
    press: ['Send'],
  },
  waiting: { messages: () => [stateWith(view({ busy: true, messages: [user(asked)] }))] },
  retrying: {
    messages: () => [
      stateWith(view({ busy: true, messages: [user(asked), assistant([retry(2, 95_000)], { open: true })] })),
    ],
  },
  searched: {
    messages: () => [
      stateWith(
        view({
          messages: [
            user('What is new in Playwright?'),
            assistant([
              reasoning('I had better look that up.'),
              native('web_search', 'playwright release notes 2026'),
              text('The latest release adds a way to '),
              text('wait for a cookie'),
              text(', which fits this test well.'),
            ]),
          ],
        }),
      ),
    ],
  },
  thinking: {
    messages: () => [
      stateWith(
        view({
          busy: true,
          messages: [
            user(asked),
            assistant([reasoning('The test fails one in five …', null)], { open: true }),
          ],
        }),
      ),
    ],
  },
  streaming: {
    messages: () => [
      stateWith(
        view({
          busy: true,
          messages: [
            user(asked),
            assistant(work()),
            assistant([text(`${answer.slice(0, answer.indexOf('```'))}\`\`\`ts\nawait page.cl`, true)], {
              open: true,
            }),
          ],
        }),
      ),
    ],
  },
  'tool-running': {
    messages: () => [
      stateWith(
        view({
          busy: true,
          messages: [
            user(asked),
            assistant(
              [
                ...work().slice(0, 3),
                running(
                  'shell',
                  { command: 'npm test -- login --repeat-each 10' },
                  {
                    since: 48_000,
                    tail: 'Running 10 tests using 2 workers\n  ✓ 1 login › keeps the session (812 ms)\n  ✓ 2 login › keeps the session (790 ms)\n  ✓ 3 login › keeps the session (805 ms)\n',
                  },
                ),
              ],
              { open: true },
            ),
          ],
        }),
      ),
    ],
  },
  'tools-ended': {
    messages: () => [
      stateWith(
        view({
          messages: [
            user('Try everything that can go wrong.'),
            assistant([
              failed(
                'edit',
                {
                  filePath: `${folder}/packages/authentication/src/providers/session/session-cookie-store.ts`,
                },
                'failed',
              ),
              failed('shell', { command: 'rm -rf build' }, 'rejected'),
              failed('read', { filePath: `${folder}/.env` }, 'denied'),
              failed(
                'webfetch',
                { url: 'https://example.com/a/very/long/address/that/does/not/fit' },
                'interrupted',
              ),
              failed('invalid', { tool: 'raed' }, 'invalid'),
              completed(
                'shell',
                { command: 'npm run lint' },
                { metadata: { exit: 2 }, took: 3_400, output: 'x\n' },
              ),
              completed('glob', { pattern: '**/*.test.ts' }, { metadata: { count: 1 } }),
              completed(
                'write',
                { filePath: `${folder}/notes.md` },
                { metadata: { additions: 12, deletions: 0 } },
              ),
            ]),
            assistant([text('Four of them did.')]),
          ],
        }),
      ),
    ],
  },
  'tool-open': {
    messages: () => [stateWith(view({ messages: finished() }))],
    press: ['edit', 'shell npm test -- login', 'Thought for 4 s'],
  },
  finished: { messages: () => [stateWith(view({ messages: finished() }), { hasOlder: true })] },
  'permission-shell': {
    messages: () => [
      asking('git commit -am "fix" && git push', [
        shellRequest('git commit -am "fix" && git push'),
        shellRequest('npm publish'),
        shellRequest('npm whoami'),
      ]),
    ],
  },
  'permission-hostile': {
    messages: () => [
      asking(hostile, [shellRequest(hostile, { origin: { layer: 'floor' }, patterns: ['git push'] })]),
    ],
  },
  'permission-edit': {
    messages: () => [
      stateWith(
        view({
          busy: true,
          permissions: [editRequest('call_edit', 'msg_edit')],
          messages: [
            user(asked),
            assistant(
              [
                ...work().slice(0, 3),
                running('edit', { filePath: `${folder}/tests/login.test.ts` }, { callID: 'call_edit' }),
              ],
              { id: 'msg_edit', open: true },
            ),
          ],
        }),
      ),
    ],
    press: ['Say what to do instead'],
  },
  queued: {
    messages: () => [
      stateWith(
        view({
          busy: true,
          messages: [
            user(asked),
            assistant(work().slice(0, 4)),
            assistant([text('I run the tests now', true)], { open: true }),
          ],
          inbox: [prompt('Also run the linter.', 'steer'), prompt('Then write a changelog line.', 'queue')],
        }),
      ),
    ],
  },
  interrupted: {
    messages: () => [
      stateWith(
        view({
          messages: [
            user(asked),
            assistant([...work().slice(0, 3), text('The test raced the')], {
              error: failure('interrupted', 'MessageAbortedError'),
            }),
          ],
        }),
      ),
    ],
  },
  'error-auth': { messages: errorState('auth', 'ProviderAuthError'), press: ['Details'] },
  'error-rate': { messages: errorState('rate-limit', 'APIError', { retryAfterMs: 20_000, statusCode: 429 }) },
  'error-unreachable': { messages: errorState('unreachable') },
  'error-unknown': { messages: errorState('surprise', 'UnknownError') },
  'context-full': {
    messages: () => [
      stateWith(view({ messages: [user(asked), assistant([text('Done.')], { tokens: 352_000 })] }), {
        sessions: [session],
      }),
    ],
  },
  markdown: {
    messages: () => [
      stateWith(
        view({
          messages: [user('Show me everything that Markdown can do.'), assistant([text(everyMarkdown)])],
        }),
      ),
    ],
  },
  'right-to-left': {
    messages: () => [
      stateWith(
        view({
          messages: [
            user('שנה את השם של greet ל-welcome בקובץ greet.ts'),
            assistant([
              completed(
                'edit',
                { filePath: `${folder}/greet.ts` },
                { metadata: { additions: 1, deletions: 1 } },
              ),
              text('שיניתי את השם בקובץ `greet.ts`.\n\n1. הפונקציה\n2. הקריאה לה'),
            ]),
          ],
        }),
      ),
    ],
  },
  sessions: {
    messages: () => [
      stateWith(view({ messages: finished() }), {
        sessions: [session, ...manySessions()],
      }),
    ],
    press: ['Sessions: Fix the flaky login test'],
  },
  long: {
    messages: () => [
      stateWith(view({ messages: Array.from({ length: 150 }, () => finished()).flat() }), { hasOlder: true }),
    ],
  },
  ...sessionStates,
  refused: {
    messages: () => [
      stateWith(view({ messages: finished() })),
      batch(1, { type: 'session.status', properties: { sessionID, status: { type: 'idle' } } }),
      {
        type: 'prompt.refused',
        messageID: 'msg_none' as never,
        code: 'store.readonly',
        detail: 'the disk is full',
      },
    ],
    type: 'And now the other one',
  },
};

function manySessions() {
  const titles = [
    'Rename greet to welcome',
    'Explain the build',
    'Add dark mode to the settings page that nobody asked for',
    'Upgrade to Node 24',
  ];
  return Array.from({ length: 300 }, (_, index) => ({
    ...session,
    id: `ses_many${index}`,
    title: titles[index % titles.length] ?? '',
    time: { created: 0, updated: Date.now() - index ** 2 * 90_000 },
  }));
}

const everyMarkdown = `# A heading
## A smaller one
Text with *emphasis*, **weight**, ~~regret~~, \`code\`, a [link](https://example.com) and <b>no HTML</b>.

> A quotation
> over two lines

1. First
   - nested
   - twice
2. Second

   with a paragraph
3. Third

![a picture](https://example.com/cat.png) and a bare https://example.com/address

---

\`\`\`bash
echo "a line that is a good deal wider than the narrow sidebar, so it scrolls inside its own box"
\`\`\`

    indented code

[unsafe](javascript:alert(1)) stays text.
`;
