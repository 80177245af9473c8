import { execFileSync } from 'node:child_process';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { SessionView } from '#shared/fold.ts';
import { words } from '#shared/words.ts';
import { nodeClock } from '../node/clock.ts';
import type { Ports } from '../ports/ports.ts';
import type { FileDiagnostics, OpenEditor, WorkspaceView } from '../ports/workspace-view.ts';
import { bodyOf } from '../testing/read-view.ts';
import { openTestHost, type TestHost } from '../testing/test-host.ts';

/** An editor whose open files a test can change, and which counts how often it was looked at. */
function editor() {
  const shown: { editors: readonly OpenEditor[]; diagnostics: readonly FileDiagnostics[]; looks: number } = {
    editors: [{ path: 'greet.ts', active: true }],
    diagnostics: [],
    looks: 0,
  };
  const view: WorkspaceView = {
    openEditors: async () => {
      shown.looks++;
      return shown.editors;
    },
    diagnostics: async () => shown.diagnostics,
  };
  const ports = (given: Ports): Ports => ({ ...given, workspaceView: view });
  return { shown, ports };
}

const toldIn = ({ messages }: SessionView) =>
  messages.flatMap(({ parts }) => parts.filter((part) => part.type === 'context'));
const baselinesOf = ({ server }: TestHost) =>
  server.requests.map((request) => JSON.stringify(bodyOf(request).messages?.[0]));

// Four runs and a restart: more than the default five seconds where the machine is busy.
const long = { timeout: 20_000 };

test(
  'the baseline is the same bytes after a restart and switches of agent and model (RT-03, RT-22)',
  long,
  async () => {
    const { shown, ports } = editor();
    const provider = { scripted: { models: { other: { id: 'scripted' } } } };
    await using rig = await openTestHost({ ports, config: { provider } });
    const { sessionID } = await rig.prompt('say something');
    await rig.host.sessions.awaitIdle(sessionID);
    await rig.run('say something', { sessionID, agent: 'plan' });
    shown.editors = [];
    const model = { providerID: 'scripted', modelID: 'other' };
    await rig.run('say something', { sessionID, agent: 'build', model });
    await rig.reopen();
    await writeFile(join(rig.workspace, 'AGENTS.md'), 'Always whistle.');
    const view = await rig.run('say something', { sessionID, model });
    expect(view.session.model).toEqual(model);
    const baselines = baselinesOf(rig);
    expect(baselines).toHaveLength(4);
    expect(new Set(baselines).size).toBe(1);
    expect(baselines[0]).toContain('- greet.ts (active)');
  },
);

test('several changes at one boundary are one message, told once (RT-08)', async () => {
  const { shown, ports } = editor();
  await using rig = await openTestHost({ ports });
  const { session } = await rig.run('say something');
  await writeFile(join(rig.workspace, 'AGENTS.md'), 'Always whistle.');
  execFileSync('git', ['init', '-q', '-b', 'main'], { cwd: rig.workspace });
  shown.editors = [{ path: 'main.ts', active: true }];
  shown.diagnostics = [{ path: 'main.ts', errors: 2, warnings: 0 }];
  await rig.run('say more', { sessionID: session.id, agent: 'plan' });
  const told = toldIn(await rig.run('and more', { sessionID: session.id, agent: 'plan' }));
  expect(told.map(({ sources }) => sources)).toEqual([
    ['agent', 'environment', 'instructions', 'git', 'git-changes', 'editors', 'diagnostics'],
  ]);
  expect(told[0]?.text).toContain('Always whistle.');
  expect(told[0]?.text).toContain('- main.ts: 2 errors');
});

test('what is gone is told as gone (RT-08)', async () => {
  const { shown, ports } = editor();
  await using rig = await openTestHost({ ports });
  await writeFile(join(rig.workspace, 'AGENTS.md'), 'Always whistle.');
  const { session } = await rig.run('say something');
  await rm(join(rig.workspace, 'AGENTS.md'));
  shown.editors = [];
  const [told] = toldIn(await rig.run('say more', { sessionID: session.id }));
  expect(told).toMatchObject({ sources: ['instructions', 'editors'] });
  expect(told?.text).toBe(
    'The instruction files are gone: their instructions no longer hold.\n\nNo file of the working folder is open in the editor any more.',
  );
});

test('editors are looked at when inputs are promoted, not at each turn (decision 29)', async () => {
  const { shown, ports } = editor();
  await using rig = await openTestHost({ ports });
  const { session } = await rig.run('read twenty times');
  expect(rig.server.requests.length).toBeGreaterThan(20);
  expect(shown.looks).toBe(1);
  await rig.run('say something', { sessionID: session.id });
  expect(shown.looks).toBe(2);
});

test('a source that hangs is left out and reported, the turn runs, and it is told when it is known', async () => {
  const gate = Promise.withResolvers<readonly OpenEditor[]>();
  const view: WorkspaceView = { openEditors: () => gate.promise, diagnostics: async () => [] };
  // The bound is over soon; every other timer is as it was.
  const after: typeof nodeClock.after = (ms, fire) => nodeClock.after(ms === 1_000 ? 20 : ms, fire);
  await using rig = await openTestHost({
    ports: (given) => ({ ...given, workspaceView: view, clock: { ...given.clock, after } }),
  });
  const first = await rig.run('say something');
  expect(baselinesOf(rig)[0]).not.toContain('Open in the editor');
  const raised = await rig.event('notice.raised', ({ properties }) =>
    properties.notice.key.startsWith('context:'),
  );
  const { code, data } = raised.properties.notice;
  expect(Object.keys(words)).toContain(`notice.${code}`);
  expect(data).toMatchObject({ '0': 'editors' });
  gate.resolve([{ path: 'greet.ts', active: true }]);
  const next = await rig.run('say more', { sessionID: first.session.id });
  expect(toldIn(next)).toMatchObject([{ sources: ['editors'], text: expect.stringContaining('greet.ts') }]);
  await rig.event('notice.cleared', ({ properties }) => properties.key === raised.properties.notice.key);
});

test('instructions of the configuration reach the model; a URL among them is told to the user', async () => {
  const config = { instructions: ['docs/*.md', 'https://example.test/rules.md', '../out.md'] };
  await using rig = await openTestHost({ config });
  execFileSync('mkdir', [join(rig.workspace, 'docs')]);
  await writeFile(join(rig.workspace, 'docs', 'style.md'), 'Always whistle.');
  const { session } = await rig.run('say something');
  expect(rig.server.requests[0]?.text).toContain('Always whistle.');
  const notices = rig.host.notices().filter(({ key }) => key.startsWith('instructions:'));
  expect(notices.map(({ code, data }) => [code, data['0']])).toEqual([
    ['config.instructions-url', 'https://example.test/rules.md'],
    ['config.instructions-outside', '../out.md'],
  ]);
  for (const type of ['url', 'outside', 'wide'])
    expect(Object.keys(words)).toContain(`notice.config.instructions-${type}`);
  const path = join(rig.workspace, 'opencode.json');
  await writeFile(path, (await readFile(path, 'utf8')).replace(/,"https.*md"\]/, ']'));
  await rig.run('say more', { sessionID: session.id });
  expect(rig.host.notices().filter(({ key }) => key.startsWith('instructions:'))).toEqual([]);
});

/** Four characters are taken for one token: what providers' own counters come near to for English and JSON. */
const tokensOf = (...sent: readonly unknown[]) =>
  sent.reduce((sum: number, each) => sum + JSON.stringify(each).length, 0) / 4;

test('System Context and tools of build take at most 3,000 tokens of a turn’s request (decision 37)', async () => {
  const { ports } = editor();
  await using rig = await openTestHost({ ports });
  execFileSync('git', ['init', '-q', '-b', 'main'], { cwd: rig.workspace });
  await rig.run('say something');
  const { messages = [], tools = [] } = bodyOf(rig.server.requests[0]);
  expect(messages[0]).toMatchObject({ role: 'system' });
  expect(JSON.stringify(messages[0])).toContain('Git branch: main');
  expect(tools.length).toBeGreaterThan(5);
  expect(tokensOf(messages[0], tools)).toBeLessThanOrEqual(3_000);
});

test('what the editor adds at most takes less than 600 tokens', async () => {
  const { shown, ports } = editor();
  await using rig = await openTestHost({ ports });
  const { session } = await rig.run('say something');
  const paths = Array.from({ length: 100 }, (_, at) => `packages/application/src/components/part-${at}.ts`);
  shown.editors = paths.map((path) => ({ path, active: false }));
  shown.diagnostics = paths.map((path) => ({ path, errors: 12, warnings: 34 }));
  const [told] = toldIn(await rig.run('say more', { sessionID: session.id }));
  expect(told?.sources).toEqual(['editors', 'diagnostics']);
  expect(tokensOf(told?.text)).toBeLessThan(600);
});
