#!/usr/bin/env node
import * as nodeModule from 'node:module';

// The second start skips parsing: this must come before anything heavy is imported.
nodeModule.enableCompileCache?.();
const { runCli } = await import('./run-cli.ts');
process.exit(await runCli(process.argv.slice(2)));
