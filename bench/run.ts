import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ModelServer, startModelServer } from '../test-fixtures/model-server/server.ts';

const rounds = 7;
const reads = 20;
const project = join(import.meta.dirname, '..');

/** One command, measured. */
interface Sample {
  readonly ms: number;
  readonly peakKiB: number;
}

/**
 * Cold `millrace run` against `node -e 0`, its peak memory, and what a turn with a tool costs beyond the bare HTTP
 * round trips to the same server.
 */
export async function benchRun(folder: string): Promise<{ readonly lines: readonly string[] }> {
  await using server = await startModelServer({
    scripts: join(project, 'test-fixtures/model-server/scripts'),
    pace: 0,
  });
  const world = prepare(folder, server.url);
  const cli = (prompt: string) => ['dist/cli.js', 'run', '--dir', world.workspace, prompt];
  const one = cli('say something');
  const many = cli('read twenty times');
  await measure(one, world);
  const samples = { bare: [] as Sample[], one: [] as Sample[], many: [] as Sample[] };
  for (let round = 0; round < rounds; round++) {
    samples.bare.push(await measure(['-e', '0'], world));
    samples.one.push(await measure(one, world));
    samples.many.push(await measure(many, world));
  }
  const trip = await roundTrip(server);
  const [bare, single, twenty] = [samples.bare, samples.one, samples.many].map((each) =>
    median(each.map(({ ms }) => ms)),
  );
  const perTurn = ((twenty ?? 0) - (single ?? 0)) / reads;
  const peak = median(samples.one.map(({ peakKiB }) => peakKiB)) / 1024;
  const peakMany = median(samples.many.map(({ peakKiB }) => peakKiB)) / 1024;
  const peakBare = median(samples.bare.map(({ peakKiB }) => peakKiB)) / 1024;
  return {
    lines: [
      `Cold run of one turn / node -e 0: ${ratio(single, bare)}`,
      `  node ${one.join(' ')}: ${fixed(single)} ms`,
      `  node -e 0: ${fixed(bare)} ms   (medians of ${rounds})`,
      '',
      `Peak memory of one turn / node -e 0: ${ratio(peak, peakBare)}`,
      `  node ${one.join(' ')}: ${fixed(peak)} MiB; with ${reads} reads: ${fixed(peakMany)} MiB`,
      `  node -e 0: ${fixed(peakBare)} MiB`,
      '',
      `A turn with one read / its bare HTTP round trip: ${ratio(perTurn, trip)} (${(perTurn - trip).toFixed(2)} ms over)`,
      `  (node ${many.join(' ')} - one turn) / ${reads}: ${perTurn.toFixed(2)} ms`,
      `  the same ${reads} requests by fetch, one after the other: ${trip.toFixed(2)} ms each`,
    ],
  };
}

interface World {
  readonly workspace: string;
  readonly env: NodeJS.ProcessEnv;
  readonly peakFile: string;
}

function prepare(folder: string, url: string): World {
  const workspace = join(folder, 'workspace');
  const config = join(folder, 'config', 'opencode');
  cpSync(join(project, 'test-fixtures/workspaces/sample'), workspace, { recursive: true });
  mkdirSync(config, { recursive: true });
  const model = { scripted: { name: 'Scripted', limit: { context: 128_000, output: 8_192 } } };
  const provider = { scripted: { options: { baseURL: url, apiKey: 'scripted' }, models: model } };
  writeFileSync(join(config, 'opencode.json'), JSON.stringify({ model: 'scripted/scripted', provider }));
  const peakFile = join(folder, 'peak');
  const { PATH = '', HOME = '' } = process.env;
  const env = { PATH, HOME, XDG_CONFIG_HOME: join(folder, 'config'), XDG_DATA_HOME: join(folder, 'data') };
  return { workspace, env, peakFile };
}

/** A process says its own peak memory when it ends; the clock runs outside of it. */
function measure(args: readonly string[], { env, peakFile }: World): Promise<Sample> {
  const tell = `process.on('exit',()=>require('node:fs').writeFileSync(${JSON.stringify(peakFile)},String(process.resourceUsage().maxRSS)))`;
  const preload = `data:text/javascript,import{createRequire}from'node:module';const require=createRequire('file:///');${tell}`;
  const start = performance.now();
  const child = spawn(process.execPath, ['--import', preload, ...args], {
    cwd: project,
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => {
      const ms = performance.now() - start;
      if (code === 0) resolve({ ms, peakKiB: Number(readFileSync(peakFile, 'utf8')) });
      else reject(new Error(`node ${args.join(' ')} ended with ${code}`));
    });
  });
}

/** Sends the requests of the last run again, as bare as can be, and reads each answer to its end. */
async function roundTrip({ url, requests }: ModelServer): Promise<number> {
  const bodies = requests.slice(-(reads + 1)).map(({ text }) => text);
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    for (const body of bodies) {
      const start = performance.now();
      const headers = { 'content-type': 'application/json', authorization: 'Bearer scripted' };
      const response = await fetch(`${url}/chat/completions`, { method: 'POST', headers, body });
      await response.text();
      times.push(performance.now() - start);
    }
  }
  return median(times);
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

function ratio(value: number | undefined, baseline: number | undefined): string {
  return ((value ?? Number.NaN) / (baseline ?? Number.NaN)).toFixed(2);
}

function fixed(value: number | undefined): string {
  return (value ?? Number.NaN).toFixed(0);
}
