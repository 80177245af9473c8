import { readFile } from 'node:fs/promises';
import { text as readAll } from 'node:stream/consumers';
import { HostError } from '#shared/host-error.ts';
import { say } from '#shared/words.ts';
import { type Confirmation, confirm } from './confirm.ts';
import { findSession, type KnownSession } from './known-sessions.ts';
import { noticeLine } from './notice-line.ts';
import { openCliHost, openStorage } from './open-host.ts';
import { plainLine } from './plain-text.ts';
import type { SessionWorld } from './session.ts';
import type { SessionArguments } from './session-arguments.ts';
import { writeOut } from './write-out.ts';

type Arguments<T extends SessionArguments['type']> = Extract<SessionArguments, { type: T }>;

/** Ended by Ctrl+C, as the shell tells it of a signal. */
const interrupted = 130;

/** `millrace session import`: into a store of the command line's own. */
export async function importSession(
  { file, format }: Arguments<'import'>,
  world: SessionWorld,
): Promise<number> {
  const content = jsonOf(await contentOf(file), file);
  await using host = await openCliHost(world);
  const info = await host.sessions.import(content, { directory: world.directory });
  // What the file had more than could be kept.
  for (const notice of host.notices()) world.tell(noticeLine(notice));
  await writeOut(process.stdout, format === 'json' ? `${JSON.stringify(info)}\n` : `${info.id}\n`);
  return 0;
}

async function contentOf(file: string): Promise<string> {
  if (file === '-') return readAll(process.stdin);
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    throw new HostError(
      'session.unreadable',
      `${file} cannot be read (${String(error.code)}). Check the path.`,
    );
  }
}

function jsonOf(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const name = file === '-' ? 'What came on standard input' : file;
    throw new HostError('session.unreadable', `${name} is no JSON: ${error.message}. Nothing was imported.`);
  }
}

/** `millrace session delete`: where the session lies, unless somebody has that history open. */
export async function deleteSession(
  { id, confirmed, format }: Arguments<'delete'>,
  world: SessionWorld,
): Promise<number> {
  const { info, store } = await known(id, world);
  const question = say({}, 'cli.session.delete.ask', [plainLine(info.title), info.id]);
  const answer = await answerOf(confirmed, question);
  if (answer !== 'yes') {
    world.tell(say({}, 'cli.session.delete.kept'));
    return answer === 'no' ? 1 : interrupted;
  }
  // Not held while the question stands: whoever wants to work there is not kept waiting.
  await using host = await openStorage({ storage: store.storage, sessionID: id }, world);
  await host.sessions.delete(info.id);
  if (format === 'json')
    await writeOut(process.stdout, `${JSON.stringify({ id: info.id, deleted: true })}\n`);
  else world.tell(say({}, 'cli.session.deleted', [info.id]));
  return 0;
}

async function known(id: string, world: SessionWorld): Promise<KnownSession> {
  await using found = await findSession(id, world);
  return { info: found.info, store: found.store };
}

/** `millrace session adopt`: what the editor asks by a notice (decision 18). */
export async function adoptSessions(
  { confirmed, format }: Arguments<'adopt'>,
  world: SessionWorld,
): Promise<number> {
  await using host = await openCliHost(world);
  const offers = await host.adoptable(world.directory);
  let sessions = 0;
  for (const offer of offers) {
    const question = say({}, 'cli.adopt.ask', [plainLine(offer.directory), offer.sessions]);
    const answer = await answerOf(confirmed, question);
    if (answer === 'interrupted') return interrupted;
    if (answer === 'yes') sessions += await host.adopt(offer.storage);
    else await host.declineAdoption(offer.storage);
  }
  if (format === 'json') await writeOut(process.stdout, `${JSON.stringify({ sessions })}\n`);
  else if (offers.length === 0) world.tell(say({}, 'cli.adopt.none', [world.directory]));
  else world.tell(say({}, 'cli.adopt.done', [sessions]));
  return 0;
}

function answerOf(confirmed: boolean, question: string): Promise<Confirmation> {
  if (confirmed) return Promise.resolve('yes');
  return confirm(question, { input: process.stdin, output: process.stderr });
}
