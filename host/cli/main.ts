#!/usr/bin/env node
import * as nodeModule from 'node:module';

// The second start skips parsing: this must come before anything heavy is imported.
nodeModule.enableCompileCache?.();
const [{ runCli }, { stayAlive }] = await Promise.all([import('./run-cli.ts'), import('./stay-alive.ts')]);
process.exit(await stayAlive(runCli(process.argv.slice(2))));
