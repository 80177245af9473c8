import { realpath } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { HostError } from '#shared/host-error.ts';
import { say } from '#shared/words.ts';
import { findSession, type KnownSession, knownSessions, newestSession } from './known-sessions.ts';
import type { SessionWorld } from './session.ts';
import type { SessionArguments } from './session-arguments.ts';
import { sessionTable } from './session-table.ts';
import { transcript } from './transcript.ts';
import { writeOut } from './write-out.ts';

type Arguments<T extends SessionArguments['type']> = Extract<SessionArguments, { type: T }>;

/** `millrace session list` */
export async function listSessions({ format }: Arguments<'list'>, world: SessionWorld): Promise<number> {
  const sessions = await knownSessions(world);
  if (format === 'json') {
    await writeOut(process.stdout, `${JSON.stringify(sessions.map(asListed))}\n`);
    return 0;
  }
  if (sessions.length === 0) world.tell(say({}, 'cli.session.none', [world.directory]));
  else await writeOut(process.stdout, sessionTable(sessions, process.stdout.columns));
  const moved = sessions.find(({ store }) => store.moved);
  if (moved) world.tell(say({}, 'cli.adopt.hint', [moved.info.directory, world.directory]));
  return 0;
}

function asListed({ info, store: { surface, storage } }: KnownSession): object {
  return { ...info, surface, storage };
}

/** `millrace session show` */
export async function showSession({ id, format }: Arguments<'show'>, world: SessionWorld): Promise<number> {
  await using found = await findSession(id, world);
  const { info, reader } = found;
  const messages = await reader.messages(info.id);
  const text = format === 'json' ? `${JSON.stringify({ info, messages })}\n` : transcript(info, messages);
  await writeOut(process.stdout, text);
  return 0;
}

/** `millrace session export` */
export async function exportSession(
  { id, output }: Arguments<'export'>,
  world: SessionWorld,
): Promise<number> {
  await using found = await findSession(id ?? (await newestID(world)), world);
  const text = `${JSON.stringify(await found.reader.export(found.info.id), undefined, 2)}\n`;
  if (output === undefined) await writeOut(process.stdout, text);
  else {
    await replaceFile(output, text, world);
    world.tell(say({}, 'cli.session.exported', [found.info.id, output]));
  }
  return 0;
}

async function newestID(world: SessionWorld): Promise<string> {
  const newest = await newestSession(world);
  if (!newest) throw new HostError('session.none', say({}, 'cli.session.none', [world.directory]));
  world.tell(say({}, 'cli.session.newest', [newest.info.id]));
  return newest.info.id;
}

/** An older file of that name stays whole until the new one is. */
async function replaceFile(output: string, text: string, { ports: { files } }: SessionWorld): Promise<void> {
  const path = resolve(output);
  const folder = await realpath(dirname(path)).catch(() => {
    throw new HostError('cli.usage', `${dirname(path)} is not a folder.`);
  });
  const place = join(folder, basename(path));
  const older = await files.inspect(place);
  const mode = older ? {} : { mode: 0o600 };
  await files.replace(place, Buffer.from(text), { expected: older?.version ?? 'absent', ...mode });
}
