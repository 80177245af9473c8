import { text as readAll } from 'node:stream/consumers';
import { HostError } from '#shared/host-error.ts';
import type { SessionID } from '#shared/ids.ts';
import type { ModelRef } from '#shared/message.ts';
import type { Notice } from '#shared/notice.ts';
import { modelName, parseModel } from '#shared/parse-model.ts';
import type { ModelChoice } from '#shared/protocol.ts';
import type { Session } from '#shared/session.ts';
import { say } from '#shared/words.ts';
import type { FolderStore } from '../folder-stores.ts';
import type { Host } from '../host.ts';
import { type AnswerWorld, answerPermission } from './answer-permission.ts';
import type { RunArguments } from './arguments.ts';
import { brokenPipe } from './broken-pipe.ts';
import { chosenSession } from './chosen-session.ts';
import { cliPorts } from './cli-ports.ts';
import { folderOf } from './folder-of.ts';
import { troubleLine } from './notice-line.ts';
import { onSignals } from './on-signals.ts';
import { openCliHost, openStorage } from './open-host.ts';
import { createOutput, type Output } from './output.ts';
import { version } from './version.ts';

/**
 * `millrace run`: one prompt, driven to its end over the same host as in the editor. Returns the exit code: 0 only
 * when the last turn ended well.
 */
export async function run(args: RunArguments): Promise<number> {
  try {
    const prompt = args.prompt === '' || args.prompt === '-' ? await promptFromStdin() : args.prompt;
    return await runPrompt({ ...args, prompt });
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return error.code === 'cli.usage' ? 2 : 1;
  }
}

async function runPrompt(args: RunArguments): Promise<number> {
  const broken = brokenPipe([process.stdout, process.stderr]);
  const directory = await folderOf(args.dir ?? '.');
  const trusted = args.dir !== undefined && !args.untrusted;
  if (args.dir === undefined && !args.untrusted)
    process.stderr.write(`${say({}, 'cli.untrusted', [directory])}\n`);
  const ports = cliPorts({ isTrusted: () => trusted, tell });
  const world = { ports, directory, version };
  const onRegistry = ({ message }: HostError) => tell(message);
  const looking = { ...world, onTrouble, onRegistry, signal: broken };
  const session = args.session && (await chosenSession(args.session, looking));
  await using host = session
    ? await openStorage({ storage: session.store.storage, sessionID: session.info.id }, world)
    : await openCliHost(world);
  return await drive(host, { args, directory, broken, ...(session ? { session: session.info } : {}) });
}

function onTrouble({ storage }: FolderStore, trouble: Notice | Error): void {
  tell(troubleLine(storage, trouble));
}

interface Drive {
  readonly args: RunArguments;
  readonly directory: string;
  /** What is gone on with. */
  readonly session?: Session;
  /** Aborts when nobody reads what the run prints. */
  readonly broken: AbortSignal;
}

async function drive(host: Host, { args, directory, session, broken }: Drive): Promise<number> {
  const choices = await chosen(host, { args, directory, ...(session ? { session } : {}) });
  const output = createOutput(args.format, process);
  for (const notice of host.notices()) output.notice(notice);
  let current: SessionID | undefined;
  const answering = { sessions: host.sessions, autoApprove: args.autoApprove, tell };
  using _events = host.subscribe((event) => {
    if (!broken.aborted) output.event(event);
    if (event.type === 'permission.asked') void answerPermission(event.properties.request, answering);
  });
  const interrupt = () => (current ? host.sessions.interrupt(current) : Promise.resolve());
  using signals = onSignals(interrupt);
  broken.addEventListener('abort', () => void interrupt().catch((error: unknown) => tell(String(error))));
  if (session) await answerOpen(session.id, host, answering);
  const prompt = await host.sessions.prompt({
    ...(session ? { sessionID: session.id } : {}),
    directory,
    text: args.prompt,
    delivery: 'steer',
    ...choices,
  });
  current = prompt.sessionID;
  if (signals.code !== undefined || broken.aborted) await host.sessions.interrupt(current);
  const outcome = await host.sessions.awaitIdle(current);
  return finish({ outcome: outcome.type, session: current, signal: signals.code, output, broken });
}

/** Questions that an earlier run left open come with no event: unanswered, the session would wait for good. */
async function answerOpen(id: SessionID, host: Host, answering: AnswerWorld): Promise<void> {
  using watch = await host.sessions.watch(id, { limit: 1, listener: () => undefined });
  await Promise.all(watch.view.permissions.map((request) => answerPermission(request, answering)));
}

function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}

interface Finish {
  readonly outcome: 'done' | 'interrupted' | 'failed';
  readonly session: SessionID;
  readonly signal: number | undefined;
  readonly output: Output;
  readonly broken: AbortSignal;
}

function finish({ outcome, session, signal, output, broken }: Finish): number {
  if (broken.aborted) return signal ?? 1;
  output.end();
  if (signal !== undefined) {
    process.stderr.write(`${say({}, 'cli.interrupted', [session])}\n`);
    return signal;
  }
  return outcome === 'done' && output.endedWell() ? 0 : 1;
}

/** What the prompt goes with: what was asked for, else what the session is set to, else what is configured. */
async function chosen(
  host: Host,
  { args, directory, session }: Omit<Drive, 'broken'>,
): Promise<{ agent: string; model: ModelRef }> {
  const { agents, models, defaultAgent = 'build', defaultModel } = await host.choices(directory);
  const isOffered = (agent: string | undefined) => agents.some(({ name }) => name === agent);
  const kept = isOffered(session?.agent) ? session?.agent : undefined;
  const agent = args.agent ?? kept ?? defaultAgent;
  if (!isOffered(agent)) {
    const names = agents.map(({ name }) => name).join(', ');
    throw new HostError('cli.usage', `There is no agent "${agent}". There are: ${names}.`);
  }
  const model = args.model === undefined ? undefined : parseModel(args.model);
  if (args.model !== undefined && !model) {
    throw new HostError('cli.usage', `"${args.model}" is not a model: write provider/model.`);
  }
  const keptModel = session?.model?.modelID ? session.model : undefined;
  const ref = model ?? keptModel ?? defaultModel ?? { providerID: '', modelID: '' };
  return { agent, model: args.variant === undefined ? ref : inVariant(ref, args.variant, models) };
}

/** @throws HostError `cli.usage` for a variant that the model does not have */
function inVariant(ref: ModelRef, variant: string, models: readonly ModelChoice[]): ModelRef {
  const name = modelName(ref);
  const { variants = [] } = models.find((each) => modelName(each.ref) === name) ?? {};
  if (variants.includes(variant)) return { ...ref, variant };
  const there = variants.length > 0 ? `It has: ${variants.join(', ')}.` : 'It has none.';
  throw new HostError('cli.usage', `${name} has no variant "${variant}". ${there}`);
}

async function promptFromStdin(): Promise<string> {
  if (process.stdin.isTTY) throw new HostError('cli.usage', say({}, 'cli.usage'));
  return (await readAll(process.stdin)).trim();
}
