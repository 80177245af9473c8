// One scenario in a thread of its own; its result is the one message.
import { parentPort, workerData } from 'node:worker_threads';
import { scenarios } from './all.ts';
import { runOne } from './run-one.ts';
import type { RunOptions } from './scenario.ts';

const { name, options }: { name: string; options: RunOptions } = workerData;
const scenario = scenarios.find((each) => each.name === name);
if (scenario === undefined) throw new Error(`There is no scenario ${name}.`);
parentPort?.postMessage(await runOne(scenario, options));
