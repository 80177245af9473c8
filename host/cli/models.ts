import { HostError } from '#shared/host-error.ts';
import type { ModelRef } from '#shared/message.ts';
import { say } from '#shared/words.ts';
import { checkModel, type ListedModel, type LookOptions, listModels } from '../list-models.ts';
import type { Preflight } from '../preflight.ts';
import { cliPorts } from './cli-ports.ts';
import { folderOf } from './folder-of.ts';
import { plainLine } from './plain-text.ts';
import { table } from './table.ts';
import { writeOut } from './write-out.ts';

/** What `millrace models` was asked to do. */
export interface ModelsArguments {
  readonly format: 'text' | 'json';
  /** Named by the user, and so trusted (decision 8). Absent: the current folder, which is not. */
  readonly dir?: string;
  readonly provider?: string;
  /** Look at this machine's usual ports for model servers first: without it nobody is asked. */
  readonly local: boolean;
  /** Only look at the server of this local model, and say what is in the way. */
  readonly check?: ModelRef;
}

/**
 * `millrace models`: what can be used here, and how it is spoken to, or what is in the way of a local model. Returns the
 * exit code, as `runCli` says.
 */
export async function models({ dir, ...args }: ModelsArguments): Promise<number> {
  const tell = (line: string) => void process.stderr.write(`${line}\n`);
  try {
    const directory = await folderOf(dir ?? '.');
    const ports = cliPorts({ isTrusted: () => dir !== undefined, tell });
    const onDamaged = (path: string) => tell(say({}, 'notice.models.damaged', [path]));
    const { signal } = new AbortController();
    const world = { ports, directory, onDamaged, looksLocally: args.local, signal };
    if (args.check) return await check(args.check, args.format, world);
    await list(args, { ...world, tell });
    return 0;
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    tell(error.message);
    return error.code === 'cli.usage' ? 2 : 1;
  }
}

async function list(
  { format, provider }: Pick<ModelsArguments, 'format' | 'provider'>,
  { tell, ...world }: LookOptions & { readonly tell: (line: string) => void },
): Promise<void> {
  const listed = await listModels({ ...world, ...(provider === undefined ? {} : { provider }) });
  if (format === 'json') await writeOut(process.stdout, `${JSON.stringify(listed)}\n`);
  else if (listed.length > 0) await writeOut(process.stdout, modelTable(listed, process.stdout.columns));
  else tell(say({}, 'cli.models.none'));
}

/** Exit code 1 where no answer would come. */
async function check(ref: ModelRef, format: ModelsArguments['format'], world: LookOptions): Promise<number> {
  const model = `${ref.providerID}/${ref.modelID}`;
  const preflight = await checkModel(ref, world);
  const text = format === 'json' ? JSON.stringify({ model, ...preflight }) : checkLines(model, preflight);
  await writeOut(process.stdout, `${text}\n`);
  if (preflight.type === 'remote') return 0;
  if (preflight.type !== 'checked') return 1;
  return preflight.findings.some(({ weight }) => weight === 'blocks') ? 1 : 0;
}

export function checkLines(model: string, preflight: Preflight): string {
  const name = plainLine(model);
  switch (preflight.type) {
    case 'remote':
      return say({}, 'cli.check.remote', [name]);
    case 'unknown':
      return say({}, 'cli.check.unknown', [name]);
    case 'unusable':
      return plainLine(preflight.reason);
    case 'withheld':
      return say({}, 'cli.check.withheld', [name, plainLine(preflight.endpoint)]);
    case 'checked': {
      const lines = preflight.findings.map(({ weight, problem, remedy }) =>
        say({}, `cli.check.${weight}`, [plainLine(problem), plainLine(remedy)]),
      );
      return lines.length > 0 ? lines.join('\n') : say({}, 'cli.check.fine', [name]);
    }
  }
}

export function modelTable(listed: readonly ListedModel[], columns: number | undefined): string {
  const heading = [
    say({}, 'cli.column.model'),
    say({}, 'cli.column.protocol'),
    say({}, 'cli.column.status'),
    say({}, 'cli.column.context'),
    say({}, 'cli.column.price'),
  ];
  return table([heading, ...listed.map(cells)], columns);
}

function cells({ provider, id, protocol, status, context, price }: ListedModel): readonly string[] {
  return [
    plainLine(`${provider}/${id}`),
    protocol,
    status,
    context === undefined ? '' : String(context),
    price === undefined ? '' : `${price.input} / ${price.output}`,
  ];
}
