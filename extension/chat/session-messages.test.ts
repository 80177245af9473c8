import { expect, test } from 'vitest';
import { HostError } from '#shared/host-error.ts';
import { MessageID, PartID, SessionID } from '#shared/ids.ts';
import { noTokens } from '#shared/message.ts';
import type { Notice } from '#shared/notice.ts';
import type { FoundSession, ToWebview } from '#shared/protocol.ts';
import type { AdmittedPrompt, MessageWithParts, Session } from '#shared/session.ts';
import {
  createSessionMessages,
  type RevertOptions,
  type RevertOutcome,
  type SessionDialogs,
  type SessionHost,
} from './session-messages.ts';

const sessionID = SessionID.make('ses_1');
const messageID = MessageID.make('msg_2');
const model = { providerID: 'p', modelID: 'm' };

const session: Session = {
  id: sessionID,
  directory: '/w',
  title: 'One',
  version: '1',
  cost: 0,
  tokens: noTokens,
  time: { created: 1, updated: 1 },
};
const prompt: AdmittedPrompt = {
  ...{ id: messageID, sessionID, text: 'waiting', delivery: 'queue', agent: 'build', model },
  time: { created: 1 },
};
const user = (id: MessageID, text: string): MessageWithParts => ({
  info: { id, sessionID, role: 'user', time: { created: 1 }, agent: 'build', model },
  parts: [{ id: PartID.make('prt_1'), sessionID, messageID: id, type: 'text', text }],
});

const file = { format: 'millrace-session', version: 1, info: session, messages: [], children: [] } as const;

/** A host that writes down what it is asked, with one part of it replaced. */
function rig({
  sessions = {},
  dialogs = {},
  messages = [user(messageID, 'said before')],
  busy = false,
  isOpen = true,
}: {
  readonly sessions?: Partial<SessionHost['sessions']>;
  readonly dialogs?: Partial<SessionDialogs>;
  readonly messages?: readonly MessageWithParts[];
  readonly busy?: boolean;
  readonly isOpen?: boolean;
} = {}) {
  const asked: unknown[] = [];
  const posted: ToWebview[] = [];
  const raised: Notice[] = [];
  const note = (...call: unknown[]) => void asked.push(call);
  const noted = <T>(answer: T, ...call: unknown[]): T => {
    asked.push(call);
    return answer;
  };

  const host: SessionHost = {
    sessions: {
      get: async () => session,
      older: async () => ({ messages: [], hasOlder: false }),
      editInput: async (...call) => noted(prompt, 'editInput', ...call),
      cancelInput: async (...call) => noted(prompt, 'cancelInput', ...call),
      rename: async (...call) => note('rename', ...call),
      archive: async (...call) => note('archive', ...call),
      delete: async (...call) => note('delete', ...call),
      fork: async (...call) => noted({ ...session, id: SessionID.make('ses_fork') }, 'fork', ...call),
      search: async () => [],
      export: async (...call) => noted(file, 'export', ...call),
      revert: async (...call) => noted(reverted, 'revert', ...call),
      unrevert: async (...call) => noted(reverted, 'unrevert', ...call),
      compact: async (...call) => note('compact', ...call),
      ...sessions,
    },
    adopt: async (...call) => noted(1, 'adopt', ...call),
    declineAdoption: async (...call) => note('declineAdoption', ...call),
  };
  const handle = createSessionMessages({
    page: {
      post: (message) => void posted.push(message),
      show: async (id) => note('show', id),
      raise: (notice) => void raised.push(notice),
      requireFolder: async () => {
        if (!isOpen) throw new HostError('location.none', 'The folder is not open.');
      },
      isBusy: () => busy,
      messages: () => messages,
    },
    dialogs: {
      confirmDelete: async () => true,
      resolveConflict: async () => undefined,
      save: async (_title, read) => note('saved', await read()),
      ...dialogs,
    },
  });
  return { handle, host, asked, posted, raised };
}

const reverted = { type: 'reverted', messages: 2, files: [], left: [], unseen: false } as const;
const draft = (text: string) => ({ type: 'draft', text });

test('the text of a cancelled prompt goes back to the page (RT-10)', async () => {
  const { handle, host, posted } = rig();
  await handle({ type: 'input.cancel', sessionID, messageID }, host);
  expect(posted).toEqual([draft('waiting')]);
});

test('a change that came after the promotion is given back, with a word on why (RT-10)', async () => {
  const late = new HostError('prompt.promoted', 'It is in history.');
  const { handle, host, posted, raised } = rig({ sessions: { editInput: () => Promise.reject(late) } });
  await handle({ type: 'input.edit', sessionID, messageID, text: 'changed' }, host);
  expect(posted).toEqual([draft('changed')]);
  expect(raised.map(({ code }) => code)).toEqual(['inbox.late']);
});

test('another failure of an edit is told by who asked for it', async () => {
  const failure = new HostError('store.readonly', 'The disk is full.');
  const { handle, host } = rig({ sessions: { editInput: () => Promise.reject(failure) } });
  await expect(handle({ type: 'input.edit', sessionID, messageID, text: 'x' }, host)).rejects.toBe(failure);
});

test('a session is deleted only when the user confirms it, and is named to them (RT-19)', async () => {
  const titles: string[] = [];
  for (const yes of [false, true]) {
    const confirmDelete = async (title: string) => {
      titles.push(title);
      return yes;
    };
    const { handle, host, asked } = rig({ dialogs: { confirmDelete } });
    await handle({ type: 'session.delete', sessionID }, host);
    expect(asked).toEqual(yes ? [['delete', sessionID]] : []);
  }
  expect(titles).toEqual(['One', 'One']);
});

test('a fork at a prompt is shown with that prompt in the box, one of all is shown empty (RT-19)', async () => {
  const { handle, host, asked, posted } = rig();
  await handle({ type: 'session.fork', sessionID, messageID }, host);
  expect(asked).toEqual([
    ['fork', sessionID, messageID],
    ['show', 'ses_fork'],
  ]);
  expect(posted).toEqual([draft('said before')]);
  await handle({ type: 'session.fork', sessionID, messageID: null }, host);
  expect(asked.slice(2)).toEqual([
    ['fork', sessionID, undefined],
    ['show', 'ses_fork'],
  ]);
  expect(posted).toHaveLength(1);
});

test('what was taken back is in the prompt box, also a prompt that the chat has not loaded (RT-21)', async () => {
  const pages = [[user(MessageID.make('msg_3'), 'later')], [user(messageID, 'long ago')]];
  const older: SessionHost['sessions']['older'] = async () => ({
    messages: pages.shift() ?? [],
    hasOlder: pages.length > 0,
  });
  const { handle, host, asked, posted } = rig({
    sessions: { older },
    messages: [user(MessageID.make('msg_4'), 'newest')],
  });
  await handle({ type: 'session.revert', sessionID, messageID }, host);
  expect(asked).toEqual([['revert', sessionID, messageID, undefined]]);
  expect(posted).toEqual([draft('long ago')]);
});

test('a revert over commands says that their changes stay', async () => {
  const revert = async (): Promise<RevertOutcome> => ({ ...reverted, unseen: true });
  const { handle, host, raised } = rig({ sessions: { revert } });
  await handle({ type: 'session.revert', sessionID, messageID }, host);
  expect(raised.map(({ code }) => code)).toEqual(['revert.unseen']);
});

test('a revert that failed is told with what it says, and no text comes into the box (RT-21)', async () => {
  const failed = { type: 'failed', file: '/w/a.ts', text: 'The disk is full.', left: ['/w/b.ts'] } as const;
  const { handle, host, posted, raised } = rig({ sessions: { revert: async () => failed } });
  await handle({ type: 'session.revert', sessionID, messageID }, host);
  expect(raised).toMatchObject([
    { level: 'error', code: 'revert.torn', data: { '0': 'The disk is full.', '1': '/w/b.ts' } },
  ]);
  expect(posted).toEqual([]);
});

test('files that were too large to keep are named', async () => {
  const unrevert = async () => ({ type: 'unreverted', files: [], left: ['/w/big.bin'] }) as const;
  const { handle, host, raised } = rig({ sessions: { unrevert } });
  await handle({ type: 'session.unrevert', sessionID }, host);
  expect(raised).toMatchObject([{ code: 'revert.left', data: { '0': '/w/big.bin' } }]);
});

test.each([
  ['leaves everything', undefined, 1],
  ['takes back only the conversation', { conversationOnly: true }, 2],
  ['overwrites the files', { overwrite: true }, 2],
] as const)(
  'at a conflict the user %s, and nothing is chosen for them (RT-21)',
  async (_name, choice, calls) => {
    const tries: (RevertOptions | undefined)[] = [];
    const shown: (readonly string[])[] = [];
    const revert: SessionHost['sessions']['revert'] = async (_id, _message, options) => {
      tries.push(options);
      return options ? reverted : { type: 'conflict', files: ['/w/a.ts'] };
    };
    const resolveConflict = async (files: readonly string[]) => {
      shown.push(files);
      return choice;
    };
    const { handle, host, posted } = rig({ sessions: { revert }, dialogs: { resolveConflict } });
    await handle({ type: 'session.revert', sessionID, messageID }, host);
    expect(shown).toEqual([['/w/a.ts']]);
    expect(tries).toEqual([undefined, choice].slice(0, calls));
    expect(posted).toEqual(choice ? [draft('said before')] : []);
  },
);

test('a session is exported into the file that the user names, and not read when they give up (RT-19)', async () => {
  const { handle, host, asked } = rig();
  await handle({ type: 'session.export', sessionID }, host);
  expect(asked).toEqual([
    ['export', sessionID],
    ['saved', file],
  ]);
  const given = rig({ dialogs: { save: async () => undefined } });
  await given.handle({ type: 'session.export', sessionID }, given.host);
  expect(given.asked).toEqual([]);
});

test('a new search ends the one before it, and each is answered (RT-19)', async () => {
  const signals: AbortSignal[] = [];
  const answers = new Map<string, PromiseWithResolvers<readonly FoundSession[]>>();
  const search: SessionHost['sessions']['search'] = (query, { signal }) => {
    const answer = Promise.withResolvers<readonly FoundSession[]>();
    signal.addEventListener('abort', () => answer.reject(signal.reason));
    signals.push(signal);
    answers.set(query, answer);
    return answer.promise;
  };
  const { handle, host, posted } = rig({ sessions: { search } });
  const first = handle({ type: 'session.search', query: 'a' }, host);
  const second = handle({ type: 'session.search', query: 'ab' }, host);
  answers.get('ab')?.resolve([{ id: sessionID }]);
  await Promise.all([first, second]);
  expect(signals.map(({ aborted }) => aborted)).toEqual([true, false]);
  expect(posted).toEqual([
    { type: 'sessions.found', query: 'a', found: [] },
    { type: 'sessions.found', query: 'ab', found: [{ id: sessionID }] },
  ]);
});

test('a search that fails is answered too, so that the page goes on asking', async () => {
  const { handle, host, posted } = rig({ sessions: { search: () => Promise.reject(new Error('torn')) } });
  await expect(handle({ type: 'session.search', query: 'a' }, host)).rejects.toThrow('torn');
  expect(posted).toEqual([{ type: 'sessions.found', query: 'a', found: [] }]);
});

test('sessions of a moved folder are adopted, or are not, as the user says', async () => {
  const { handle, host, asked } = rig();
  await handle({ type: 'sessions.adopt', storage: '/old' }, host);
  await handle({ type: 'sessions.adopt.decline', storage: '/old' }, host);
  expect(asked).toEqual([
    ['adopt', '/old'],
    ['declineAdoption', '/old'],
  ]);
});

test.each([false, true])('a Compaction is announced only where a run goes on before it: %j', async (busy) => {
  const { handle, host, asked, raised } = rig({ busy });
  await handle({ type: 'session.compact', sessionID }, host);
  expect(asked).toEqual([['compact', sessionID]]);
  expect(raised.map(({ code }) => code)).toEqual(busy ? ['compact.later'] : []);
});

test.each([
  { type: 'session.revert', sessionID, messageID },
  { type: 'session.unrevert', sessionID },
  { type: 'session.compact', sessionID },
] as const)('no work on a folder that the user has closed: $type', async (message) => {
  const { handle, host, asked } = rig({ isOpen: false });
  await expect(handle(message, host)).rejects.toMatchObject({ code: 'location.none' });
  expect(asked).toEqual([]);
});
