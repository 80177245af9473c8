import { HostError } from '#shared/host-error.ts';
import { say } from '#shared/words.ts';
import { type ListedModel, listModels } from '../list-models.ts';
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
}

/** `millrace models`: what can be used here, and how it is spoken to. Returns the exit code, as `runCli` says. */
export async function models({ format, dir, provider }: ModelsArguments): Promise<number> {
  const tell = (line: string) => void process.stderr.write(`${line}\n`);
  try {
    const directory = await folderOf(dir ?? '.');
    const ports = cliPorts({ isTrusted: () => dir !== undefined, tell });
    const onDamaged = (path: string) => tell(say({}, 'notice.models.damaged', [path]));
    const listed = await listModels({
      ports,
      directory,
      onDamaged,
      ...(provider === undefined ? {} : { provider }),
    });
    if (format === 'json') await writeOut(process.stdout, `${JSON.stringify(listed)}\n`);
    else if (listed.length > 0) await writeOut(process.stdout, modelTable(listed, process.stdout.columns));
    else tell(say({}, 'cli.models.none'));
    return 0;
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    tell(error.message);
    return error.code === 'cli.usage' ? 2 : 1;
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
